//! What flows there are, and how many of each kind.

use crate::conversation::{CLIENT, Conversation, SERVER};
use crate::kerberos;
use crate::packet::Path;
use crate::random::Random;

/// All frames of the flow with the number `id`.
pub(crate) fn flow(id: u64, random: &mut Random) -> Vec<Vec<u8>> {
    match random.below(173) {
        ..41 => dns(id, random),
        41..49 => kerberos_over_tcp(id, random),
        49..57 => kerberos_over_udp(id, random),
        57..96 => web(id, random),
        _ => bulk(id, random),
    }
}

/// Clients are many and servers few. A prime number of clients keeps pairs of addresses and ports from coming again.
fn path(id: u64, server: u8, port: u16) -> Path {
    let [.., high, low] = (id % 20_011).to_be_bytes();
    Path {
        hosts: [[20, high, low], [10, 0, server]],
        ports: [10_000 + u16::try_from(id % 50_000).unwrap_or(0), port],
        vlan: id.is_multiple_of(17).then_some(7),
        is_ipv6: id.is_multiple_of(11),
    }
}

/// Two names asked for and found.
fn dns(id: u64, random: &mut Random) -> Vec<Vec<u8>> {
    const QUERY: [u8; 10] = [1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    const RESPONSE: [u8; 10] = [0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0];
    let path = path(id, 1, 53);
    let mut frames = Vec::new();
    for _ in 0..2 {
        let [high, low, address @ ..] = random.word();
        let name = format!("host{:05}", random.below(100_000));
        let question = [&[9], name.as_bytes(), b"\x07example\x03com\0\0\x01\0\x01"].concat();
        let answer = [
            b"\xc0\x0c\0\x01\0\x01\0\0\x0e\x10\0\x04\x0a\x0a",
            &address[..],
        ]
        .concat();
        let query = [&[high, low], &QUERY[..], &question].concat();
        let response = [&[high, low], &RESPONSE[..], &question, &answer].concat();
        frames.push(path.udp(CLIENT, &query));
        frames.push(path.udp(SERVER, &response));
    }
    frames
}

fn kerberos_over_udp(id: u64, random: &mut Random) -> Vec<Vec<u8>> {
    let path = path(id, 2, 88);
    let answer = if random.once_in(2) {
        kerberos::preauth_required()
    } else {
        kerberos::as_rep(id, random)
    };
    vec![
        path.udp(CLIENT, &kerberos::as_req(id)),
        path.udp(SERVER, &answer),
    ]
}

fn kerberos_over_tcp(id: u64, random: &mut Random) -> Vec<Vec<u8>> {
    let answer = kerberos::over_tcp(&kerberos::as_rep(id, random));
    let mut conversation = Conversation::open(path(id, 2, 88), random);
    conversation.say(CLIENT, &kerberos::over_tcp(&kerberos::as_req(id)));
    conversation.say(SERVER, &answer);
    conversation.close()
}

/// Pages, and once in a hundred connections a sign-on with Windows' own proof.
fn web(id: u64, random: &mut Random) -> Vec<Vec<u8>> {
    let pages: Vec<Vec<u8>> = (0..=random.below(3)).map(|_| page(random)).collect();
    let signs_on = random.once_in(100);
    let mut conversation = Conversation::open(path(id, 80, 80), random);
    if signs_on {
        conversation.say(CLIENT, request(id, "").as_bytes());
        conversation.say(SERVER, CHALLENGE.as_bytes());
        conversation.say(CLIENT, request(id, PROOF).as_bytes());
        conversation.say(SERVER, &pages[0]);
    }
    for page in &pages {
        conversation.say(CLIENT, request(id, "").as_bytes());
        conversation.say(SERVER, page);
    }
    conversation.close()
}

const CHALLENGE: &str = "HTTP/1.1 401 Unauthorized\r\nServer: Microsoft-IIS/10.0\r\n\
    WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n";
/// An NTLM message of type 1 without names.
const PROOF: &str =
    "Authorization: Negotiate TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAGFKAAAADw==\r\n";

fn request(id: u64, proof: &str) -> String {
    format!(
        "GET /page/{id}?part={} HTTP/1.1\r\nHost: web{}.example.com\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0)\r\n\
         Accept: text/html, application/xhtml+xml, */*\r\nAccept-Language: en-US\r\nConnection: Keep-Alive\r\n{proof}\r\n",
        id % 7,
        id % 500
    )
}

fn page(random: &mut Random) -> Vec<u8> {
    let len = 300 + random.below(6_000);
    let head = format!(
        "HTTP/1.1 200 OK\r\nServer: Microsoft-IIS/10.0\r\nContent-Type: application/octet-stream\r\n\
         Content-Length: {len}\r\n\r\n"
    );
    [head.into_bytes(), random.bytes(len)].concat()
}

/// Bytes of protocols that are none of ours.
fn bulk(id: u64, random: &mut Random) -> Vec<Vec<u8>> {
    const PORTS: [u16; 6] = [443, 445, 2_701, 8_531, 10_123, 49_667];
    let port = PORTS[random.below(PORTS.len())];
    let messages: Vec<Vec<u8>> = (0..2 + random.below(8))
        .map(|_| {
            let len = 60 + random.below(2_600);
            random.bytes(len)
        })
        .collect();
    let mut conversation = Conversation::open(path(id, 3, port), random);
    for (place, message) in messages.iter().enumerate() {
        conversation.say(place % 2, message);
    }
    conversation.close()
}
