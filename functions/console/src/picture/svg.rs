//! The frame of every picture, and how numbers stand in it.

use maud::{Markup, html};

/// How a picture meets the width of its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// Small: as wide as there is room, up to one and a half times its size.
    Grows,
    /// For beside a number: never much more than its size.
    Small,
    /// Always its own size; the page scrolls it where there is less room.
    Stays,
}

/// A picture: its size in pixels, what it is called, and what is to be seen in words.
pub(super) struct Frame<'a> {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) fit: Fit,
    pub(super) title: &'a str,
    pub(super) desc: &'a str,
}

impl Frame<'_> {
    /// The picture around what is drawn.
    pub(super) fn around(&self, body: &Markup) -> Markup {
        let (width, height) = (n(self.width), n(self.height));
        let class = match self.fit {
            Fit::Grows => "pic pic-grows",
            Fit::Small => "pic pic-grows pic-small",
            Fit::Stays => "pic pic-stays",
        };
        html! {
            svg class=(class) role="img" viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height) focusable="false" {
                title { (self.title) }
                desc { (self.desc) }
                (body)
            }
        }
    }
}

/// A coordinate: one decimal, and never anything but a number.
pub(super) fn n(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.1}");
    let short = text.strip_suffix(".0").unwrap_or(&text);
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

/// A count as a coordinate: what is drawn has far fewer than 2^52 of anything.
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
pub(super) fn f(count: usize) -> f64 {
    count as f64
}
