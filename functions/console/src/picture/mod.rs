//! Pictures, drawn as SVG on the server: pure functions of what the API answers.
//!
//! Nothing in them is a style or a script of its own (the Content-Security-Policy forbids both): classes `pic-*` in `picture.css` give
//! the colours of light and dark. Each picture has a title and a description that say in words what is drawn, and no text smaller than
//! 11 pixels; what is wider than the page is scrolled, not shrunk.

mod bars;
mod life;
mod meter;
mod percentiles;
mod scale;
mod sparkline;
mod svg;
mod text;
mod timeline;

pub(crate) use bars::{Series, bars};
pub(crate) use life::life;
pub(crate) use meter::{donut, meter};
pub(crate) use percentiles::percentiles;
pub(crate) use sparkline::sparkline;
pub(crate) use timeline::timeline;

#[cfg(test)]
mod tests;
