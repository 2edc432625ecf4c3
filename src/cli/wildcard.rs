//! `*` and `?` in the names of files, where the shell leaves them to the program, as that of Windows does.
//!
//! Never takes for a pattern what is a file: a name with such a sign in it is found first.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::bail;

/// Files that one pattern may mean: more are a whole disk, and no case.
const MOST: usize = 10_000;

/// The files that `paths` name, those of a pattern in the order of their names.
pub(super) fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in paths {
        if is_pattern(path) {
            let mut found = matches(path)?;
            found.retain(|path| path.is_file());
            if found.is_empty() {
                bail!("{}: no file is named like this", path.display());
            }
            all.append(&mut found);
        } else {
            all.push(path.clone());
        }
    }
    Ok(all)
}

/// The one file that `path` names.
pub(super) fn file(path: &Path) -> anyhow::Result<PathBuf> {
    let mut found = files(&[path.to_owned()])?;
    match (found.pop(), found.len()) {
        (Some(file), 0) => Ok(file),
        (_, more) => bail!(
            "{}: {} files are named like this; name one",
            path.display(),
            more + 1
        ),
    }
}

/// The files and folders that `path` names; itself where it is no pattern.
pub(super) fn all(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !is_pattern(path) {
        return Ok(vec![path.to_owned()]);
    }
    let found = matches(path)?;
    if found.is_empty() {
        bail!("{}: nothing is named like this", path.display());
    }
    Ok(found)
}

fn is_pattern(path: &Path) -> bool {
    path.to_str().is_some_and(has_wildcard) && path.symlink_metadata().is_err()
}

fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// What is named like `pattern`, part by part. What cannot be looked into holds nothing.
fn matches(pattern: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = vec![PathBuf::new()];
    for part in pattern.components() {
        let wild = match part {
            Component::Normal(name) => name.to_str().filter(|name| has_wildcard(name)),
            _ => None,
        };
        let mut next = Vec::new();
        for begin in found {
            match wild {
                Some(wild) => next.extend(within(&begin, wild)),
                None => next.push(begin.join(part)),
            }
            if next.len() > MOST {
                bail!(
                    "{}: more than {MOST} files are named like this",
                    pattern.display()
                );
            }
        }
        found = next;
    }
    found.retain(|path| path.symlink_metadata().is_ok());
    Ok(found)
}

/// What in `folder` is named like `wild`; a hidden file only where the pattern begins with the dot.
fn within(folder: &Path, wild: &str) -> Vec<PathBuf> {
    let here = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let entries = fs::read_dir(here).into_iter().flatten().flatten();
    let named = entries.map(|entry| entry.file_name()).filter(|name| {
        let name = name.to_string_lossy();
        name.starts_with('.') <= wild.starts_with('.') && is_like(&folded(&name), &folded(wild))
    });
    let mut paths: Vec<PathBuf> = named.map(|name| folder.join(name)).collect();
    paths.sort();
    paths
}

/// Letters as the system compares them in names.
fn folded(name: &str) -> Vec<char> {
    if cfg!(windows) {
        name.to_lowercase().chars().collect()
    } else {
        name.chars().collect()
    }
}

/// Whether `name` is one of those that `pattern` means. Only the last `*` is ever tried again.
fn is_like(name: &[char], pattern: &[char]) -> bool {
    let (mut at, mut place) = (0, 0);
    let mut star = None;
    while let Some(letter) = name.get(at) {
        match pattern.get(place) {
            Some('*') => {
                star = Some((at, place));
                place += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == letter => {
                at += 1;
                place += 1;
            }
            _ => match &mut star {
                Some((tried, begin)) => {
                    *tried += 1;
                    at = *tried;
                    place = *begin + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(place).all(|sign| *sign == '*')
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn a_name_is_like_a_pattern() {
        let is = |name: &str, pattern: &str| {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            is_like(&letters(name), &letters(pattern))
        };
        for pattern in ["*", "*.cap", "a?1.cap", "a*1*.cap", "ab1.cap", "**p", "*b*"] {
            assert!(is("ab1.cap", pattern), "{pattern}");
        }
        for pattern in ["", "?", "*.etl", "a?.cap", "ab1.cap?", "b*", "*a"] {
            assert!(!is("ab1.cap", pattern), "{pattern}");
        }
        assert!(is("", "*"));
        assert!(!is(&"a".repeat(10_000), &"*a*b".repeat(100)));
    }
}
