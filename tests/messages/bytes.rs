//! Bytes of real messages, with the capture and the frame that they come from.

/// AS-REQ of a Samba client, without pre-authentication: lab capture `31-samba-spn-missing-ntlm-fallback-401`, frame 24.
const AS_REQ: &str = "6a81bc3081b9a103020105a20302010aa30e300c300aa10402020095a2020400a4819c308199a00703050040\
    010000a11a3018a003020101a111300f1b0d574b30322d3032302d35315724a2161b144348494c442e413230\
    30332e564d2e4c4f43414ca3293027a003020102a120301e1b066b72627467741b144348494c442e41323030\
    332e564d2e4c4f43414ca511180f32303236313132323231303934375aa7060204483f163ea8143012020112\
    020111020114020113020110020117";

/// KRB-ERROR 52, the answer is too big for UDP: lab capture `16-response-too-big-tcp-retry`, frame 29.
const KRB_ERROR: &str = "7e6e306ca003020105a10302011ea411180f32303236313132323131313232335aa505020300b872a6030201\
    34a9161b144348494c442e41323030332e564d2e4c4f43414caa293027a003020102a120301e1b066b726274\
    67741b144348494c442e41323030332e564d2e4c4f43414c";

/// The TLS record of a ClientHello for `SMS4-120-52S.A2003.VM.local`: lab capture `19m-https-mp`, frame 4; the padding
/// extension at its end is left off.
const CLIENT_HELLO: &str = "1603010200010001fc0303118a7f40978d91f7fc8ef8e2ac4866680eafd9da5978efe2ee17f87ec76fe2dd20\
    94e946509ecd81b287a54f5364deca2a6986368bb8f2a8b636438e6512dbc60c003e130213031301c02cc030\
    009fcca9cca8ccaac02bc02f009ec024c028006bc023c0270067c00ac0140039c009c0130033009d009c003d\
    003c0035002f00ff0100017500000020001e00001b534d53342d3132302d3532532e41323030332e564d2e6c\
    6f63616c000b000403000102000a00160014001d0017001e0019001801000101010201030104002300000016\
    000000170000000d002a0028040305030603080708080809080a080b08040805080604010501060103030301\
    0302040205020602002b0009080304030303020301002d00020101003300260024001d0020ee1e4aa8cf6add\
    8c25614fe7f2589f5acf3e747780340dc6086195979b594b39";

pub(crate) fn as_req() -> Vec<u8> {
    bytes(AS_REQ)
}

pub(crate) fn krb_error() -> Vec<u8> {
    bytes(KRB_ERROR)
}

/// A message behind its length, as TCP carries it.
pub(crate) fn record(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&length, message].concat()
}

/// The handshake message in `records` TLS records of about the same length.
pub(crate) fn client_hello(records: usize) -> Vec<u8> {
    let mut handshake = bytes(CLIENT_HELLO).split_off(5);
    let body = u32::try_from(handshake.len() - 4).unwrap().to_be_bytes();
    handshake[1..4].copy_from_slice(&body[1..]);
    // The extensions are the last thing in it; session of 32 bytes, suites, one compression method.
    let suites = usize::from(u16::from_be_bytes([handshake[71], handshake[72]]));
    let extensions = 71 + 2 + suites + 2;
    let length = u16::try_from(handshake.len() - extensions - 2).unwrap();
    handshake[extensions..extensions + 2].copy_from_slice(&length.to_be_bytes());
    handshake
        .chunks(handshake.len().div_ceil(records))
        .flat_map(|part| {
            let length = u16::try_from(part.len()).unwrap().to_be_bytes();
            [&[22, 3, 1], &length[..], part].concat()
        })
        .collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}
