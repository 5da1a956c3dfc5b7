//! The records of TLS 1.3 by hand: what no library sends.

use super::wire::Tcp;
use rustls::crypto::cipher::{MessageEncrypter, OutboundChunks, OutboundPlainMessage};
use rustls::{ConnectionTrafficSecrets, ContentType, ProtocolVersion, ServerConnection};
use std::io::{self, Write};

/// The most that one record may hold (RFC 8446, section 5.1).
const RECORD_BYTES: usize = 16 * 1024;

pub(super) struct Records {
    tcp: Tcp,
    encrypter: Box<dyn MessageEncrypter>,
    sequence: u64,
}

impl Records {
    /// Goes on where the session is.
    pub(super) fn new(session: ServerConnection, tcp: Tcp) -> io::Result<Self> {
        let suite = session.negotiated_cipher_suite().and_then(|suite| suite.tls13());
        let suite = suite.ok_or_else(|| io::Error::other("not TLS 1.3"))?;
        let (sequence, secrets) = session.dangerous_extract_secrets().map_err(io::Error::other)?.tx;
        let encrypter = match secrets {
            ConnectionTrafficSecrets::Aes128Gcm { key, iv }
            | ConnectionTrafficSecrets::Aes256Gcm { key, iv }
            | ConnectionTrafficSecrets::Chacha20Poly1305 { key, iv } => suite.aead_alg.encrypter(key, iv),
            _ => return Err(io::Error::other("another cipher")),
        };
        Ok(Self { tcp, encrypter, sequence })
    }

    /// Sends one record.
    pub(super) fn record(&mut self, kind: ContentType, payload: &[u8]) -> io::Result<()> {
        let record = self.encrypt(kind, payload)?;
        self.tcp.write_all(&record)
    }

    /// Sends so many records of this, or some for ever.
    pub(super) fn repeat(
        &mut self,
        kind: ContentType,
        payload: &[u8],
        count: Option<usize>,
    ) -> io::Result<()> {
        let mut sent = 0;
        while count.is_none_or(|count| sent < count) {
            let mut records = Vec::new();
            while records.len() < 2 * RECORD_BYTES {
                records.extend(self.encrypt(kind, payload)?);
                sent += 1;
            }
            self.tcp.write_all(&records)?;
        }
        Ok(())
    }

    /// Sends what need not be a record.
    pub(super) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.tcp.write_all(bytes)
    }

    pub(super) fn application_data(&mut self, bytes: &[u8]) -> io::Result<()> {
        bytes.chunks(RECORD_BYTES).try_for_each(|chunk| self.record(ContentType::ApplicationData, chunk))
    }

    fn encrypt(&mut self, kind: ContentType, payload: &[u8]) -> io::Result<Vec<u8>> {
        let message = OutboundPlainMessage {
            typ: kind,
            version: ProtocolVersion::TLSv1_2,
            payload: OutboundChunks::Single(payload),
        };
        let record = self.encrypter.encrypt(message, self.sequence).map_err(io::Error::other)?;
        self.sequence += 1;
        Ok(record.encode())
    }
}
