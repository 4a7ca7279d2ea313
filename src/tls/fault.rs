//! rustls' errors in hawser's words.

use std::fmt::Display;

use rustls::{AlertDescription, CertificateError, Error as TlsError, OtherError, PeerIncompatible};
use rustls_pki_types::ServerName;

use crate::error::{Error, Operation, Status};

use super::alert;
use super::date::utc;

/// A configuration that rustls does not take.
pub(super) fn configuration(what: &str, error: &dyn Display) -> Error {
    Error::new(Status::INVALID_ARGUMENT, format!("{what}: {error}")).during(Operation::Tls)
}

/// The peer broke the rules of TLS, or is not speaking it.
pub(super) fn protocol(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Status::TLS_PROTOCOL, detail).during(Operation::Tls)
}

/// The peer gave up.
fn alerted(alert: AlertDescription) -> Error {
    let number = u8::from(alert);
    Error::new(Status::TLS_ALERT, alert::name(number)).during(Operation::Tls).with(|e| e.tls_alert = Some(number))
}

/// A failure of one connection.
pub(super) fn of(error: &TlsError) -> Error {
    match error {
        TlsError::AlertReceived(alert) => alerted(*alert),
        TlsError::InvalidCertificate(why) => refused(certificate(why)),
        TlsError::NoCertificatesPresented => refused("the peer shows none".into()),
        TlsError::PeerIncompatible(why) => protocol(incompatible(why)),
        TlsError::NoApplicationProtocol => protocol("no application protocol in common (ALPN)"),
        TlsError::PeerSentOversizedRecord => protocol("a record is larger than TLS allows"),
        TlsError::DecryptError => protocol("a record is damaged, it does not decrypt"),
        other => protocol(other.to_string()),
    }
}

fn refused(detail: String) -> Error {
    Error::new(Status::TLS_CERTIFICATE, detail).during(Operation::Tls)
}

fn incompatible(why: &PeerIncompatible) -> String {
    use PeerIncompatible as Why;
    match why {
        Why::ServerDoesNotSupportTls12Or13
        | Why::ServerTlsVersionIsDisabledByOurConfig
        | Why::SupportedVersionsExtensionRequired
        | Why::Tls12NotOffered
        | Why::Tls12NotOfferedOrEnabled => "no version of TLS in common".into(),
        Why::SignatureAlgorithmsExtensionRequired => {
            "no version of TLS in common, or a client that names no signature algorithms".into()
        }
        Why::NoCipherSuitesInCommon => "no cipher suite in common".into(),
        Why::NoKxGroupsInCommon => "no key exchange group in common".into(),
        Why::NoSignatureSchemesInCommon => "no signature scheme in common".into(),
        Why::NoCertificateRequestSignatureSchemesInCommon => "no signature scheme in common for our certificate".into(),
        other => format!("the peer lacks what is needed ({other:?})"),
    }
}

/// What is wrong with a certificate.
fn certificate(why: &CertificateError) -> String {
    use CertificateError as Why;
    match why {
        Why::UnknownIssuer => "unknown issuer: no trusted root vouches for it".into(),
        Why::Expired => "expired".into(),
        Why::ExpiredContext { not_after, .. } => format!("expired on {}", utc(not_after.as_secs())),
        Why::NotValidYet => "not yet valid".into(),
        Why::NotValidYetContext { not_before, .. } => format!("not yet valid, only from {}", utc(not_before.as_secs())),
        Why::NotValidForName => "wrong name".into(),
        Why::NotValidForNameContext { expected, presented } => wrong_name(expected, presented),
        Why::InvalidPurpose => "wrong usage: it is for another purpose".into(),
        Why::InvalidPurposeContext { required, presented } => {
            let listed: Vec<_> = presented.iter().map(ToString::to_string).collect();
            format!("wrong usage: it is for {}, not for {required}", listed.join(", "))
        }
        Why::BadSignature => "bad signature".into(),
        Why::Revoked => "revoked".into(),
        Why::BadEncoding => "damaged: it cannot be parsed".into(),
        Why::UnhandledCriticalExtension => "it has a critical extension that is not understood".into(),
        Why::UnsupportedSignatureAlgorithmContext { .. }
        | Why::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => "signed with an unsupported algorithm".into(),
        Why::Other(OtherError(other)) => other.downcast_ref().map_or_else(|| other.to_string(), path),
        other => other.to_string(),
    }
}

/// What rustls passes on from the verification of the path as it is.
fn path(why: &webpki::Error) -> String {
    use webpki::Error as Why;
    match why {
        Why::CaUsedAsEndEntity => "it is a certification authority's own, perhaps self-signed, and no peer's".into(),
        Why::EndEntityUsedAsCa => "unknown issuer: its issuer is no certification authority".into(),
        Why::NameConstraintViolation => "wrong name: its issuer must not vouch for it".into(),
        Why::PathLenConstraintViolated => "unknown issuer: the chain is longer than its root allows".into(),
        Why::UnsupportedCertVersion => "it is not an X.509 version 3 certificate".into(),
        other => other.to_string(),
    }
}

/// The names come as `DnsName("a.example")` and `IpAddress(127.0.0.1)`.
fn wrong_name(expected: &ServerName<'_>, presented: &[String]) -> String {
    let expected = expected.to_str();
    if presented.is_empty() {
        return format!("no subjectAltName: it is not for {expected:?} nor any other host");
    }
    let names: Vec<_> = presented.iter().map(|name| bare(name)).collect();
    format!("wrong name: it is for {}, not for {expected:?}", names.join(", "))
}

/// What stands in the parentheses.
fn bare(name: &str) -> &str {
    name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(name)
}
