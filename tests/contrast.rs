//! The colours of the page, in light, in dark and on paper: text is far enough from what lies behind it (WCAG 2.2, 1.4.3, level AA).

use std::collections::BTreeMap;

const STYLE: &str = include_str!("../src/render/html/report.css");

/// The least ratio for text of the usual size.
const LEAST: f64 = 4.5;

/// What is written on what.
const PAIRS: [(&str, &[&str]); 8] = [
    (
        "text",
        &["page", "card", "sunk", "lane", "bad-soft", "doubtful-soft"],
    ),
    ("quiet", &["page", "card", "sunk", "lane", "bad-soft"]),
    ("link", &["page", "card", "sunk", "bad-soft"]),
    ("good", &["good-soft"]),
    ("doubtful", &["doubtful-soft"]),
    ("bad", &["bad-soft"]),
    ("card", &["bad", "doubtful"]),
    ("arrow", &["card"]),
];

type Colours = BTreeMap<String, [f64; 3]>;

/// The colours of each `:root`; the later ones change those of the first.
fn themes() -> Vec<Colours> {
    let mut themes: Vec<Colours> = Vec::new();
    for block in STYLE.split(":root {").skip(1) {
        let block = block.split('}').next().expect("a block that ends");
        let mut colours = themes.first().cloned().unwrap_or_default();
        for declaration in block.split(';') {
            if let Some((name, value)) = declaration.trim().split_once(": #") {
                colours.insert(name.trim_start_matches("--").to_owned(), channels(value));
            }
        }
        themes.push(colours);
    }
    themes
}

fn channels(digits: &str) -> [f64; 3] {
    let long: String = match digits.len() {
        3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
        _ => digits.to_owned(),
    };
    [0, 2, 4].map(|at| {
        let value = u8::from_str_radix(&long[at..at + 2], 16).expect("a colour");
        let share = f64::from(value) / 255.0;
        if share <= 0.040_45 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    })
}

fn luminance([red, green, blue]: [f64; 3]) -> f64 {
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn ratio(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn text_can_be_read_in_light_in_dark_and_on_paper() {
    let themes = themes();
    assert_eq!(themes.len(), 3);
    for (theme, colours) in themes.iter().enumerate() {
        for (front, grounds) in PAIRS {
            let front_colour = colours[front];
            for ground in grounds {
                let ratio = ratio(front_colour, colours[*ground]);
                assert!(
                    ratio >= LEAST,
                    "theme {theme}: {front} on {ground}: {ratio:.2}"
                );
            }
        }
    }
}
