//! What the frames and words of the system may use beyond Handlebars itself.

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError, RenderErrorReason,
    Renderable, StringOutput, html_escape,
};
use icu_locale_core::LanguageIdentifier;
use icu_plurals::{PluralCategory, PluralRules};

use super::words::Speech;

fn text<'a>(helper: &'a Helper<'_>, name: &'static str, index: usize) -> Result<&'a str, RenderError> {
    let given = helper.param(index).and_then(|param| param.value().as_str());
    given.ok_or_else(|| RenderErrorReason::ParamNotFoundForIndex(name, index).into())
}

/// `{{say "intro"}}`: the sentence of that key in the mail's language, its variables filled in. In an HTML part the
/// whole sentence is escaped, so a translator writes plain text. With `mailto=address`, that address in it is a link.
pub(super) struct Say {
    pub(super) speech: Speech,
    pub(super) html: bool,
}

impl HelperDef for Say {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        engine: &'reg Handlebars<'reg>,
        context: &'rc Context,
        rendering: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let key = text(helper, "say", 0)?;
        let sentence =
            self.speech.say(key).ok_or_else(|| RenderError::strict_error(Some(&format!("the words {key:?}"))))?;
        // A sentence within a sentence is escaped once, by the outermost.
        let inner = rendering.is_disable_escape();
        rendering.set_disable_escape(true);
        let mut said = StringOutput::new();
        let result = sentence.render(engine, context, rendering, &mut said);
        rendering.set_disable_escape(inner);
        result?;
        let said = said.into_string().map_err(RenderError::from)?;
        if !self.html || inner {
            return Ok(out.write(&said)?);
        }
        let said = html_escape(&said);
        match helper.hash_get("mailto").and_then(|address| address.value().as_str()) {
            Some(address) if !address.is_empty() => {
                let address = html_escape(address);
                let link = format!("<a href=\"mailto:{address}\" style=\"color: #586473;\">{address}</a>");
                Ok(out.write(&said.replacen(&address, &link, 1))?)
            }
            _ => Ok(out.write(&said)?),
        }
    }
}

/// `{{plural hours one="hour" other="hours"}}`: the form that the mail's language has for a number, by the plural
/// categories of Unicode CLDR. Categories that are not given are `other`.
pub(super) struct Plural {
    pub(super) locale: &'static str,
}

impl HelperDef for Plural {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        // A number may come as a text.
        let given = helper.param(0).map(|param| param.value());
        let number =
            given.and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok())).unwrap_or(u64::MAX);
        let form = match category(self.locale, number) {
            PluralCategory::One => "one",
            PluralCategory::Few => "few",
            PluralCategory::Many => "many",
            _ => "other",
        };
        let form = helper.hash_get(form).or_else(|| helper.hash_get("other")).and_then(|form| form.value().as_str());
        let form = form.ok_or(RenderErrorReason::ParamNotFoundForName("plural", "other".to_owned()))?;
        Ok(out.write(form)?)
    }
}

fn category(locale: &str, number: u64) -> PluralCategory {
    let identifier = LanguageIdentifier::try_from_str(locale).unwrap_or(LanguageIdentifier::UNKNOWN);
    let rules = PluralRules::try_new_cardinal(identifier.into());
    rules.map_or(PluralCategory::Other, |rules| rules.category_for(number))
}
