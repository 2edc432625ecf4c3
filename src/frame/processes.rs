//! Which process a frame is of, as the machine noted that captured it.
//!
//! Never takes a process of that machine for one of another: what a machine only received, it cannot tell.

use std::net::IpAddr;

use crate::frame::FrameNumber;

/// A process, as a capture names it at a frame.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Process {
    /// By its place in the capture's table of processes.
    Listed(u32),
    /// By its number, at a frame that the machine sent.
    Id(u32),
}

/// A process in the table of a capture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedProcess {
    /// The name of its program, without folders.
    pub program: String,
    /// The address of the machine, as one of its connections has it.
    pub local: Option<IpAddr>,
}

/// The processes of the frames: a few runs of frames of one process.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Processes {
    list: Vec<ListedProcess>,
    /// The first frame of each run, and its process.
    runs: Vec<(u64, Option<Process>)>,
    /// The first frame that is not kept any more.
    end: Option<FrameNumber>,
}

impl Processes {
    /// Runs that are kept: 24 MiB of them.
    const RUNS: usize = 1 << 20;

    /// With a table of processes.
    pub const fn new(list: Vec<ListedProcess>) -> Self {
        Self {
            list,
            runs: Vec::new(),
            end: None,
        }
    }

    /// Says of which process the frame `number`, behind all that were told before, is.
    #[inline]
    pub fn tell(&mut self, number: FrameNumber, process: Option<Process>) {
        let before = self.runs.last().and_then(|(_, process)| *process);
        if before == process {
            return;
        }
        if self.runs.len() < Self::RUNS {
            self.runs.push((number.0, process));
        } else {
            self.end.get_or_insert(number);
        }
    }

    /// Which process of `sender` sent the frame `number`: `ccmexec.exe`, or `process 1234`.
    pub fn of(&self, number: FrameNumber, sender: IpAddr) -> Option<String> {
        if self.end.is_some_and(|end| number >= end) {
            return None;
        }
        let behind = self.runs.partition_point(|(first, _)| *first <= number.0);
        let (_, process) = self.runs.get(behind.checked_sub(1)?)?;
        match (*process)? {
            Process::Id(id) => Some(format!("process {id}")),
            Process::Listed(at) => {
                let is_here = self.list.iter().any(|it| it.local == Some(sender));
                let listed = self.list.get(usize::try_from(at).ok()?)?;
                is_here.then(|| listed.program.clone())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_of_the_process_of_its_run_where_its_sender_is_the_machine_that_captured_it() {
        let here = IpAddr::from([10, 0, 0, 1]);
        let mut processes = Processes::new(vec![ListedProcess {
            program: "ccmexec.exe".to_owned(),
            local: Some(here),
        }]);
        let listed = Some(Process::Listed(0));
        for (number, process) in [
            (1, None),
            (2, listed),
            (3, listed),
            (4, Some(Process::Id(7))),
            (5, Some(Process::Listed(1))),
        ] {
            processes.tell(FrameNumber(number), process);
        }
        let of = |number, sender| processes.of(FrameNumber(number), sender);
        assert_eq!(of(1, here), None);
        assert_eq!(of(3, here).as_deref(), Some("ccmexec.exe"));
        assert_eq!(of(3, IpAddr::from([10, 0, 0, 2])), None);
        assert_eq!(of(4, here).as_deref(), Some("process 7"));
        assert_eq!(of(5, here), None, "it is not in the table");
        assert_eq!(processes.runs.len(), 3);
    }
}
