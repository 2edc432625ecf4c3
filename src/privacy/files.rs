//! Files and what stands for them: the number of their place, and their extension.
//!
//! Never learns a folder by itself: a path stands for one file, whatever it is made of.

use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A file's name that is no longer is not looked for in sentences: it may be a word of any.
const SHORT: usize = 5;

/// Files and their pseudonyms.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// By their paths.
    paths: BTreeMap<String, String>,
    /// How a file may be named in a sentence, the longest first: one may be the end of another.
    spelled: BTreeMap<(Reverse<usize>, String), String>,
}

impl Files {
    /// Learns a file, by its path and by its name. Gives what stands for it.
    pub(super) fn learn(&mut self, path: &str) -> String {
        if let Some(known) = self.paths.get(path) {
            return known.clone();
        }
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let pseudonym = format!("file-{}.{extension}", self.paths.len() + 1);
        let pseudonym = pseudonym.trim_end_matches('.').to_owned();
        self.paths.insert(path.to_owned(), pseudonym.clone());
        for spelled in [path, name] {
            if spelled.len() > SHORT {
                let key = (Reverse(spelled.len()), spelled.to_owned());
                let known = self.spelled.entry(key);
                known.or_insert_with(|| pseudonym.clone());
            }
        }
        pseudonym
    }

    /// `text` with the pseudonyms of all files that are named in it.
    pub(super) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for ((_, spelled), pseudonym) in &self.spelled {
            text = text.replace(spelled, pseudonym);
        }
        text
    }

    /// Each path and what stands for it.
    pub(super) fn map(&self) -> BTreeMap<String, String> {
        self.paths.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::Files;

    #[test]
    fn a_file_is_one_file_however_it_is_named() {
        let mut files = Files::default();
        assert_eq!(files.learn("case/client.pcapng"), "file-1.pcapng");
        assert_eq!(files.learn("other/client.pcapng"), "file-2.pcapng");
        assert_eq!(files.learn("case/client.pcapng"), "file-1.pcapng");
        assert_eq!(files.learn("my-client.pcapng"), "file-3.pcapng");
        assert_eq!(
            files.text("client.pcapng, my-client.pcapng and other/client.pcapng"),
            "file-1.pcapng, file-3.pcapng and file-2.pcapng"
        );
    }
}
