//! How to take a capture that shows everything, step by step.
//!
//! Never asks for anything that changes more than the client's caches and its agent's start.

/// A step: what it is for, and what to type.
#[derive(Debug)]
pub struct Step {
    /// What is done.
    pub title: &'static str,
    /// Why.
    pub reason: &'static str,
    /// Commands, each with the machine or tool that it is for.
    pub commands: &'static [(&'static str, &'static str)],
}

/// The steps, in order.
pub const STEPS: &[Step] = &[
    Step {
        title: "Keep the agent from starting by itself, and restart the client",
        reason: "After a restart nothing is cached, and the agent's first sign-on falls into the capture.",
        commands: &[
            ("client", "sc config ccmexec start= demand"),
            ("client", "shutdown /r /t 0"),
        ],
    },
    Step {
        title: "Let Kerberos write into the event log, while you look",
        reason: "The client's log names errors that an armored or encrypted exchange hides. It names harmless ones too: take it back at the end.",
        commands: &[(
            "client",
            "reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\Kerberos\\Parameters /v LogLevel /t REG_DWORD /d 1 /f",
        )],
    },
    Step {
        title: "Empty the caches, if you cannot restart",
        reason: "A cached ticket hides the whole way to the domain controllers; a failed look-up is remembered for 15 minutes.",
        commands: &[
            ("client", "ipconfig /flushdns"),
            ("client", "nbtstat -R"),
            ("client", "klist -li 0x3e7 purge"),
            ("client", "klist purge"),
        ],
    },
    Step {
        title: "Start the capture on the client, whole frames, on all adapters",
        reason: "Tickets are long: a capture that keeps 128 or 256 bytes of each frame cannot compare them. Take one of the three.",
        commands: &[
            (
                "pktmon",
                "pktmon start --capture --pkt-size 0 --file-name client.etl --file-size 2048",
            ),
            (
                "netsh",
                "netsh trace start capture=yes packettruncatebytes=65535 maxsize=2048 filemode=circular tracefile=client.etl",
            ),
            ("dumpcap", "dumpcap -s 0 -B 64 -i 1 -w client.pcapng"),
        ],
    },
    Step {
        title: "Start the agent, and wait until it has registered or failed",
        reason: "Two minutes are enough as a rule: ClientIDManagerStartup.log says when it tries.",
        commands: &[
            ("client", "net start ccmexec"),
            (
                "client",
                "powershell Get-Content C:\\Windows\\CCM\\Logs\\ClientIDManagerStartup.log -Wait",
            ),
        ],
    },
    Step {
        title: "See what the client has got",
        reason: "The tickets of the computer, and a try by hand with the name of your management point.",
        commands: &[
            ("client", "klist -li 0x3e7"),
            ("client", "klist -li 0x3e7 get HTTP/mp.example.com"),
        ],
    },
    Step {
        title: "Stop the capture, and bring it into a form that is read",
        reason: "pktmon and netsh write event traces.",
        commands: &[
            ("pktmon", "pktmon stop"),
            ("pktmon", "pktmon etl2pcap client.etl --out client.pcapng"),
            ("netsh", "netsh trace stop"),
            ("netsh", "etl2pcapng client.etl client.pcapng"),
        ],
    },
    Step {
        title: "Save what the servers wrote meanwhile",
        reason: "The IIS log has the reason of a bare 401; the management point's log says what became of the registration.",
        commands: &[
            ("server", "dir C:\\inetpub\\logs\\LogFiles\\W3SVC1"),
            (
                "server",
                "dir \"C:\\Program Files\\SMS_CCM\\Logs\\MP_RegistrationManager.log\"",
            ),
            (
                "server",
                "wevtutil qe Security /q:\"*[System[(EventID=4625)]]\" /c:20 /rd:true /f:text",
            ),
        ],
    },
    Step {
        title: "Take everything back",
        reason: "The agent starts by itself again, and Kerberos writes no more than before.",
        commands: &[
            ("client", "sc config ccmexec start= delayed-auto"),
            (
                "client",
                "reg delete HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\Kerberos\\Parameters /v LogLevel /f",
            ),
        ],
    },
];
