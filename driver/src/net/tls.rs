//! TLS, with rustls and ring.

use std::error::Error as StdError;
use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{CertificateError, ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
#[cfg(feature = "platform-verifier")]
use rustls_platform_verifier::Verifier;

use super::errors;
use crate::escape::cut;
use crate::transport::{Network, Roots, TransportError, TransportErrorKind};

/// The number of names of a certificate in an error.
const MAX_NAMES: usize = 5;
/// The size of these names in an error, in bytes.
const MAX_NAMES_BYTES: usize = 300;

/// The configuration for these settings: TLS 1.2 and 1.3, with a check of the host's name, and no ALPN, as an upgrade needs
/// HTTP/1.1. Reading the certificates of the platform takes some milliseconds: make one configuration for many clients.
///
/// # Errors
/// There are no authorities to trust, or a certificate or key cannot be read.
pub fn client_config(network: &Network) -> Result<ClientConfig, TransportError> {
    // Named, not the process's default: that may be another one, or none.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| setup(&error))?;
    let mut added = Vec::new();
    for pem in &network.added_roots {
        added.extend(certificates(pem, "add_root_certificates")?);
    }
    let builder = trust(builder, network.roots.unwrap_or(DEFAULT_ROOTS), added, &provider)?;
    let Some(client) = &network.client_certificate else { return Ok(builder.with_no_client_auth()) };
    let chain = certificates(&client.chain, "client_certificate")?;
    let key = PrivateKeyDer::from_pem_slice(&client.key)
        .map_err(|_| setup(&"client_certificate: there is no private key in PEM"))?;
    builder.with_client_auth_cert(chain, key).map_err(|error| setup(&format!("client_certificate: {error}")))
}

#[cfg(feature = "platform-verifier")]
const DEFAULT_ROOTS: Roots = Roots::Platform;
#[cfg(all(not(feature = "platform-verifier"), feature = "webpki-roots"))]
const DEFAULT_ROOTS: Roots = Roots::WebPki;
#[cfg(not(any(feature = "platform-verifier", feature = "webpki-roots")))]
const DEFAULT_ROOTS: Roots = Roots::AddedOnly;

fn trust(
    builder: ConfigBuilder<ClientConfig, WantsVerifier>,
    roots: Roots,
    added: Vec<CertificateDer<'static>>,
    #[allow(unused_variables, reason = "for the platform's verifier")] provider: &Arc<CryptoProvider>,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, TransportError> {
    let mut store = RootCertStore::empty();
    match roots {
        #[cfg(feature = "platform-verifier")]
        Roots::Platform => {
            let verifier = Verifier::new_with_extra_roots(added, Arc::clone(provider)).map_err(|error| {
                setup(&format!(
                    "{error}; install the system's CA certificates, or use Roots::WebPki or add_root_certificates"
                ))
            })?;
            // rustls calls every verifier but its own dangerous; this is the platform's.
            return Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)));
        }
        #[cfg(feature = "webpki-roots")]
        Roots::WebPki => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Roots::AddedOnly => {}
        #[allow(unreachable_patterns, reason = "with every feature on, nothing is left")]
        Roots::Platform | Roots::WebPki => {
            return Err(setup(&format!(
                "Roots::{roots:?} needs the feature platform-verifier or webpki-roots, as it is called"
            )));
        }
    }
    for certificate in added {
        store.add(certificate).map_err(|error| setup(&format!("add_root_certificates: {error}")))?;
    }
    if store.is_empty() {
        return Err(setup(
            &"no certificate authority is trusted: turn the feature platform-verifier or webpki-roots on, or use add_root_certificates",
        ));
    }
    Ok(builder.with_root_certificates(store))
}

fn certificates(pem: &[u8], given_to: &str) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let read: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(setup(&format!("{given_to}: there is no certificate in PEM (-----BEGIN CERTIFICATE-----)"))),
    }
}

fn setup(message: &dyn std::fmt::Display) -> TransportError {
    TransportError::new(TransportErrorKind::Setup, message.to_string())
}

/// The error of rustls about this host, if that is the source of an error.
#[must_use]
pub fn explain(error: &(dyn StdError + 'static), host: &str) -> Option<TransportError> {
    let message = match errors::find(error)? {
        rustls::Error::InvalidCertificate(certificate) => not_accepted(certificate, host),
        rustls::Error::AlertReceived(alert) => {
            use rustls::AlertDescription as Alert;
            let hint = match alert {
                Alert::CertificateRequired
                | Alert::BadCertificate
                | Alert::HandshakeFailure
                | Alert::AccessDenied => ": does it want a client certificate?",
                _ => "",
            };
            format!("{host} refused TLS with the alert {alert:?}{hint}")
        }
        other => format!("TLS with {host} failed: {other}"),
    };
    Some(TransportError::new(TransportErrorKind::Tls, message))
}

/// A connection that broke: [`explain`]ed, if TLS is what broke it.
#[must_use]
pub fn broken(error: &(dyn StdError + 'static), host: &str) -> TransportError {
    explain(error, host).unwrap_or_else(|| errors::broken(error))
}

fn not_accepted(error: &CertificateError, host: &str) -> String {
    match error {
        CertificateError::UnknownIssuer => format!(
            "the certificate of {host} comes from an authority that is not trusted here: if a firewall or proxy reads TLS, add its authority's certificate with Network::add_root_certificates"
        ),
        CertificateError::NotValidForName => {
            format!("the certificate that {host} showed is for another host: who answers there?")
        }
        CertificateError::NotValidForNameContext { presented, .. } => format!(
            "the certificate that {host} showed is for another host ({}): who answers there?",
            names(presented)
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("the certificate of {host} has expired; or is this machine's clock wrong?")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("the certificate of {host} is not valid yet; or is this machine's clock wrong?")
        }
        other => {
            format!("the certificate of {host} is not accepted: {}", cut(&other.to_string(), MAX_NAMES_BYTES))
        }
    }
}

/// The names of a certificate that an error has room for.
fn names(presented: &[String]) -> String {
    let mut named = presented.iter().take(MAX_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    named = cut(&named, MAX_NAMES_BYTES);
    match presented.len().saturating_sub(MAX_NAMES) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::pki_types::ServerName;

    fn shown(names: usize, name: &str) -> String {
        let presented = (0..names).map(|n| format!("{n}{name}")).collect();
        let expected = ServerName::try_from("slack.test").unwrap();
        let error = CertificateError::NotValidForNameContext { expected, presented };
        let error = rustls::Error::InvalidCertificate(error);
        explain(&error, "slack.test").unwrap().to_string()
    }

    #[test]
    fn an_error_names_the_first_names_of_a_certificate() {
        let all = shown(MAX_NAMES, ".test");
        assert!(all.contains("(0.test, 1.test, 2.test, 3.test, 4.test)"), "{all}");
        let some = shown(MAX_NAMES + 1, ".test");
        assert!(some.contains("4.test and 1 more)"), "{some}");
        for shown in [shown(3_000, ".example.com"), shown(1, &"x".repeat(80_000))] {
            assert!(shown.contains("slack.test") && shown.len() < MAX_NAMES_BYTES + 200, "{shown}");
        }
        assert!(shown(1, "\u{202e}\n").contains(r"0\u{202e}\n"));
    }

    #[test]
    fn every_certificate_of_a_bundle_is_read() {
        let certificate = |name: &str| rcgen::generate_simple_self_signed([name.to_owned()]).unwrap().cert;
        let (one, two) = (certificate("one.test"), certificate("two.test"));
        let bundle = format!("{}{}", one.pem(), two.pem());
        assert_eq!(certificates(bundle.as_bytes(), "here").unwrap(), [one.der().clone(), two.der().clone()]);
        let all =
            Network::default().roots(Roots::AddedOnly).add_root_certificates(bundle.as_bytes().to_vec());
        assert!(client_config(&all).is_ok());
    }

    /// Base64 pads by the length, and a padded text is refused where an unpadded one runs into the next.
    #[test]
    fn a_bundle_with_a_lost_end_is_refused() {
        for padding in 0..3 {
            let lengths = (1..64).map(|length| "x".repeat(length) + ".test");
            let mut certificates =
                lengths.map(|name| rcgen::generate_simple_self_signed([name]).unwrap().cert);
            let one = certificates.find(|one| (3 - one.der().len() % 3) % 3 == padding).unwrap();
            let bundle = one.pem().replace("-----END CERTIFICATE-----", "") + &one.pem().repeat(2);
            let network =
                Network::default().roots(Roots::AddedOnly).add_root_certificates(bundle.into_bytes());
            let error = client_config(&network).unwrap_err();
            assert_eq!(error.kind(), TransportErrorKind::Setup, "padding {padding}: {error}");
        }
    }

    /// A key, with a certificate of its own.
    fn client() -> (rcgen::Certificate, rcgen::KeyPair) {
        let made = rcgen::generate_simple_self_signed(["client.test".to_owned()]).unwrap();
        (made.cert, made.signing_key)
    }

    fn showing(chain: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Result<ClientConfig, TransportError> {
        let authority = client().0.pem();
        let network = Network::default().roots(Roots::AddedOnly).add_root_certificates(authority);
        client_config(&network.client_certificate(chain, key))
    }

    #[test]
    fn the_whole_chain_of_a_client_certificate_is_shown() {
        let ((own, key), (above, _)) = (client(), client());
        let config = showing(own.pem() + &above.pem(), key.serialize_pem()).unwrap();
        let schemes = [rustls::SignatureScheme::ECDSA_NISTP256_SHA256];
        let shown = config.client_auth_cert_resolver.resolve(&[], &schemes).unwrap();
        assert_eq!(shown.cert, [own.der().clone(), above.der().clone()]);
    }

    /// A key of nobody, in two forms.
    const PKCS8: &str = "-----BEGIN PRIVATE KEY-----\n\
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/wLjyayP3v1sbtht\n\
        AkT094aXaUoBoMDioA1S16MQ2W6hRANCAATjST9tLyJ9eAGihIrE+bgsQhBhL+mT\n\
        fMGwmhdRkKBrVp+FLGTg6eU4K9n03a0IDltarG+v0ZfjzebuL+VouN7P\n\
        -----END PRIVATE KEY-----\n";
    const SEC1: &str = "-----BEGIN EC PRIVATE KEY-----\n\
        MHcCAQEEIP8C48msj979bG7YbQJE9PeGl2lKAaDA4qANUtejENluoAoGCCqGSM49\n\
        AwEHoUQDQgAE40k/bS8ifXgBooSKxPm4LEIQYS/pk3zBsJoXUZCga1afhSxk4Onl\n\
        OCvZ9N2tCA5bWqxvr9GX483m7i/laLjezw==\n\
        -----END EC PRIVATE KEY-----\n";

    #[test]
    fn a_key_in_the_form_of_sec1_is_read_as_well() {
        let key = rcgen::KeyPair::from_pem(PKCS8).unwrap();
        let names = rcgen::CertificateParams::new(["client.test".to_owned()]).unwrap();
        let own = names.self_signed(&key).unwrap().pem();
        for key in [PKCS8, SEC1] {
            assert!(showing(own.as_str(), key).is_ok());
            // Both in one file.
            let both = own.clone() + key;
            assert!(showing(both.as_str(), both.as_str()).is_ok());
        }
    }

    #[test]
    fn no_error_of_a_client_certificate_shows_its_key() {
        let ((own, _), (_, other)) = (client(), client());
        let key = other.serialize_pem();
        let secret = key.lines().nth(1).unwrap();
        for key in [key.clone(), key.replace("PRIVATE", "SECRET"), key.replace("-----END", "")] {
            let error = showing(own.pem(), key).unwrap_err();
            assert!(!format!("{error} {error:?}").contains(secret), "{error}");
        }
    }

    #[test]
    fn each_error_of_tls_says_whose_fault_it_is() {
        use rustls::AlertDescription as Alert;
        use rustls::Error::{AlertReceived, InvalidCertificate};
        use rustls::pki_types::UnixTime;
        use std::time::Duration;

        let [early, late] = [1, 2].map(|at| UnixTime::since_unix_epoch(Duration::from_secs(at)));
        let not_yet = CertificateError::NotValidYetContext { time: early, not_before: late };
        let expired = CertificateError::ExpiredContext { time: late, not_after: early };
        for (error, says) in [
            (InvalidCertificate(not_yet), "is not valid yet; or is this machine's clock wrong?"),
            (InvalidCertificate(CertificateError::NotValidYet), "is not valid yet"),
            (InvalidCertificate(expired), "has expired; or is this machine's clock wrong?"),
            (InvalidCertificate(CertificateError::Expired), "has expired"),
            (InvalidCertificate(CertificateError::NotValidForName), "is for another host"),
            (InvalidCertificate(CertificateError::Revoked), "is not accepted"),
            (AlertReceived(Alert::CertificateRequired), "does it want a client certificate?"),
            (AlertReceived(Alert::BadCertificate), "does it want a client certificate?"),
            (AlertReceived(Alert::HandshakeFailure), "does it want a client certificate?"),
            (AlertReceived(Alert::AccessDenied), "does it want a client certificate?"),
            (AlertReceived(Alert::ProtocolVersion), "ProtocolVersion"),
            (rustls::Error::DecryptError, "failed"),
        ] {
            // As hyper and the runtimes hand it on.
            let error = std::io::Error::other(std::io::Error::other(error));
            let error = broken(&error, "slack.test");
            assert_eq!(error.kind(), TransportErrorKind::Tls, "{error}");
            let text = error.to_string();
            assert!(text.contains("slack.test") && text.contains(says), "{text}");
        }
        let other = broken(&std::io::Error::other("cut"), "slack.test");
        assert_eq!((other.kind(), &*other.to_string()), (TransportErrorKind::Io, "cut"));
    }

    /// With it, a server may choose HTTP/2, in which no upgrade is made.
    #[test]
    fn no_other_protocol_is_offered() {
        let (own, key) = client();
        assert!(showing(own.pem(), key.serialize_pem()).unwrap().alpn_protocols.is_empty());
        let direct = Network::default().roots(Roots::AddedOnly).add_root_certificates(own.pem());
        assert!(client_config(&direct).unwrap().alpn_protocols.is_empty());
    }

    #[cfg(feature = "webpki-roots")]
    #[test]
    fn tls_1_2_is_offered_as_well_as_1_3() {
        let config = client_config(&Network::default().roots(Roots::WebPki)).unwrap();
        let host = ServerName::try_from("slack.test").unwrap();
        let mut client = rustls::ClientConnection::new(Arc::new(config), host).unwrap();
        let mut hello = Vec::new();
        client.write_tls(&mut hello).unwrap();
        // supported_versions (RFC 8446, section 4.2.1) with two of them.
        let offered = hello.windows(9).find(|bytes| bytes.starts_with(&[0, 43, 0, 5, 4])).unwrap();
        let mut versions = [&offered[5..7], &offered[7..]];
        versions.sort_unstable();
        assert_eq!(versions, [[3, 3], [3, 4]]);
    }
}
