#![allow(clippy::unwrap_used)]
//! The small pictures, and what holds for all of them.

use proptest::prelude::*;

use super::*;

/// What holds for any picture: it is well formed, says in words what it shows, has no style and no script of its own, and everything in
/// it lies within it.
pub(super) fn check(picture: &maud::Markup) {
    let text = &picture.0;
    let document = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let svg = document.root_element();
    assert_eq!(svg.attribute("role"), Some("img"));
    for name in ["title", "desc"] {
        let words = svg.children().find(|child| child.has_tag_name(name)).and_then(|child| child.text());
        assert!(words.is_some_and(|words| !words.trim().is_empty()), "no {name}: {text}");
    }
    let size: Vec<f64> = svg.attribute("viewBox").unwrap().split(' ').map(|part| part.parse().unwrap()).collect();
    let (width, height) = (size[2], size[3]);
    assert!(width > 0.0 && height > 0.0);
    for node in svg.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        assert!(["svg", "title", "desc", "g", "rect", "circle", "line", "path", "text"].contains(&name), "{name}");
        for attribute in node.attributes() {
            let (key, value) = (attribute.name(), attribute.value());
            assert!(key != "style" && !key.starts_with("on"), "{key}");
            let inside = |value: f64, end: f64| {
                assert!((-0.5..=end + 0.5).contains(&value), "{name} {key}={value} beyond {end}")
            };
            match key {
                "x" | "x1" | "x2" | "cx" => inside(value.parse().unwrap(), width),
                "y" | "y1" | "y2" | "cy" => inside(value.parse().unwrap(), height),
                "width" if name == "rect" => inside(number(&node, "x") + value.parse::<f64>().unwrap(), width),
                "height" if name == "rect" => inside(number(&node, "y") + value.parse::<f64>().unwrap(), height),
                // Capital letters are absolute; the small ones are heads and crosses of a few pixels.
                "d" => absolute(value).into_iter().for_each(|(x, y)| {
                    inside(x, width);
                    inside(y, height);
                }),
                _ => {}
            }
        }
    }
}

/// A picture line by line, for its snapshot.
pub(super) fn lines(picture: &maud::Markup) -> String {
    picture.0.replace("><", ">\n<")
}

fn number(node: &roxmltree::Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

/// The absolute points of a path.
fn absolute(path: &str) -> Vec<(f64, f64)> {
    let mut all = Vec::new();
    for piece in path.split_inclusive(char::is_alphabetic).zip(path.split(char::is_alphabetic).skip(1)) {
        if piece.0.ends_with(['M', 'L', 'C']) {
            let numbers: Vec<f64> = piece.1.split_whitespace().map(|part| part.parse().unwrap()).collect();
            all.extend(numbers.chunks(2).map(|pair| (pair[0], pair[1])));
        }
    }
    assert!(!all.is_empty(), "{path}");
    all
}

fn days(many: u8) -> Vec<String> {
    (1..=many).map(|day| format!("2026-03-{day:02}")).collect()
}

fn series(name: &str, values: &[f64]) -> Series {
    Series { name: name.to_owned(), values: values.to_vec(), colour: None }
}

#[test]
fn a_sparkline_is_a_line_with_its_last_point() {
    let picture = sparkline("runs per day", &[1.0, 4.0, 2.0, 8.0]);
    check(&picture);
    insta::assert_snapshot!(lines(&picture));
}

#[test]
fn a_sparkline_of_nothing_says_so() {
    let picture = sparkline("runs per day", &[]);
    check(&picture);
    assert!(picture.0.contains("There are no values yet."), "{}", picture.0);
}

#[test]
fn bars_stand_on_each_other_and_the_legend_says_their_sums() {
    let all = [series("delivered", &[10.0, 0.0, 30.0]), series("bounced", &[1.0, 0.0, 2.0])];
    let picture = bars("Mail", &days(3), &all);
    check(&picture);
    insta::assert_snapshot!(lines(&picture));
}

#[test]
fn a_meter_is_filled_as_far_as_the_share() {
    let picture = meter("Rows done", 0.25);
    check(&picture);
    insta::assert_snapshot!(lines(&picture));
}

#[test]
fn what_is_not_whole_is_not_said_to_be() {
    for (share, words) in
        [(0.9999, "99 %"), (0.0001, "1 %"), (1.0, "100 %"), (0.0, "0 %"), (f64::NAN, "0 %"), (7.0, "100 %")]
    {
        for picture in [meter("Rows done", share), donut("Rows done", share)] {
            check(&picture);
            assert!(picture.0.contains(&format!(">{words}<")), "{share}: {}", picture.0);
        }
    }
}

#[test]
fn a_range_goes_from_the_median_to_the_95th_percentile() {
    let picture = percentiles("Time to verified", Some(240.0), Some(7200.0));
    check(&picture);
    insta::assert_snapshot!(lines(&picture));
}

#[test]
fn where_nothing_was_measured_no_range_is_drawn() {
    let picture = percentiles("Time to verified", None, None);
    check(&picture);
    assert!(picture.0.contains("nothing measured yet") && !picture.0.contains("pic-range"), "{}", picture.0);
}

#[test]
fn numbers_are_short_and_never_endless() {
    let said = [0.04, -0.04, 1.25, f64::NAN, f64::INFINITY].map(svg::n);
    assert_eq!(said, ["0", "0", "1.2", "0", "0"]);
    assert_eq!([999.0, 12_345.0, 2_500_000.0].map(text::number), ["999", "12.3k", "2.5M"]);
    assert_eq!([0.25, 3.2, 61.0, 90_000.0].map(text::long), ["250 ms", "3.2 s", "1 min 1 s", "1 d 1 h"]);
    assert_eq!(
        ["awaiting_dns", "CheckDns", "OnboardingStarted"].map(text::words),
        ["awaiting dns", "check dns", "onboarding started"]
    );
}

#[test]
fn an_axis_ends_at_a_round_number_that_is_not_below_the_greatest() {
    for most in [0.0, 1.0, 3.0, 7.0, 99.0, 101.0, 12_345.0, f64::NAN] {
        let (end, step) = scale::nice(most);
        let marks = scale::marks(end, step);
        assert!(most.is_nan() || end >= most, "{most}: {end}");
        assert!((2..=7).contains(&marks.len()), "{most}: {marks:?}");
        assert_eq!(marks.first().copied(), Some(0.0));
    }
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![4 => 0.0..1e5, 1 => any::<f64>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn small_pictures_stay_within_themselves(
        points in prop::collection::vec(any_number(), 0..60),
        name in "[a-z<>&\"' ]{1,30}",
        many in 0..28u8,
        half in prop::option::of(any_number()),
        most in prop::option::of(any_number()),
    ) {
        // A name of blanks alone names nothing.
        let name = format!("x{name}");
        check(&sparkline(&name, &points));
        check(&meter(&name, half.unwrap_or(0.5)));
        check(&donut(&name, half.unwrap_or(0.5)));
        check(&percentiles(&name, half, most));
        let small: Vec<f64> = points.iter().map(|value| value.clamp(-1.0, 1e9)).collect();
        check(&bars(&name, &days(many), &[series(&name, &small), series("other", &small), series("third & last", &points[..points.len() / 2])]));
    }
}

/// The small pictures on a page to look at, where `PICTURES_TO` says so.
#[test]
fn every_small_picture_is_sound() {
    let mail = [
        series(
            "delivered",
            &[120.0, 80.0, 0.0, 300.0, 220.0, 90.0, 10.0, 0.0, 240.0, 180.0, 210.0, 199.0, 230.0, 40.0],
        ),
        series("bounced", &[12.0, 3.0, 0.0, 30.0, 2.0, 9.0, 1.0, 0.0, 4.0, 8.0, 1.0, 9.0, 3.0, 4.0]),
        series("complained", &[1.0]),
        series("could not be sent", &[0.0, 20.0]),
    ];
    let all = [
        sparkline("runs per day", &mail[0].values),
        bars("Mail of the last 14 days", &days(14), &mail),
        meter("Rows done", 0.62),
        donut("Rows done", 0.62),
        percentiles("Time to verified", Some(240.0), Some(7200.0)),
        percentiles("Time to active", None, None),
    ];
    let mut page = format!(
        "<!doctype html><style>{}{}</style><body>",
        include_str!("../assets/style.css"),
        include_str!("../assets/picture.css")
    );
    for picture in &all {
        check(picture);
        page.push_str(&format!("<div class=card>{}</div>", picture.0));
    }
    if let Ok(folder) = std::env::var("PICTURES_TO") {
        std::fs::write(std::path::Path::new(&folder).join("small.html"), page).unwrap();
    }
}
