//! The stable words of errors and warnings, spelled in this one place. What each means is in `docs/errors.md`.

/// The stable word of an error or warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the meaning of each code is in docs/errors.md, which a test holds complete")]
pub enum Code {
    Internal,
    InputInvalid,
    TokenExpired,
    ImageNotFound,
    ImagePlatform,
    VersionMismatch,
    VersionUnknown,
    RegistryDenied,
    PermissionDenied,
    DeploymentNotFound,
    EndpointDisabled,
    ApiMismatch,
    HoustonRefused,
    RegistryUnreachable,
    RegistryFailed,
    HoustonUnreachable,
    TlsUntrusted,
    NotHouston,
    HoustonFailed,
    RateLimited,
    OutcomeUnknown,
    Unhealthy,
    WaitTimeout,
    WaitImpossible,
    Cancelled,
    ImageMoves,
}

impl Code {
    /// The code as it is written everywhere.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "INTERNAL",
            Self::InputInvalid => "INPUT_INVALID",
            Self::TokenExpired => "TOKEN_EXPIRED",
            Self::ImageNotFound => "IMAGE_NOT_FOUND",
            Self::ImagePlatform => "IMAGE_PLATFORM",
            Self::VersionMismatch => "VERSION_MISMATCH",
            Self::VersionUnknown => "VERSION_UNKNOWN",
            Self::RegistryDenied => "REGISTRY_DENIED",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::DeploymentNotFound => "DEPLOYMENT_NOT_FOUND",
            Self::EndpointDisabled => "ENDPOINT_DISABLED",
            Self::ApiMismatch => "API_MISMATCH",
            Self::HoustonRefused => "HOUSTON_REFUSED",
            Self::RegistryUnreachable => "REGISTRY_UNREACHABLE",
            Self::RegistryFailed => "REGISTRY_FAILED",
            Self::HoustonUnreachable => "HOUSTON_UNREACHABLE",
            Self::TlsUntrusted => "TLS_UNTRUSTED",
            Self::NotHouston => "NOT_HOUSTON",
            Self::HoustonFailed => "HOUSTON_FAILED",
            Self::RateLimited => "RATE_LIMITED",
            Self::OutcomeUnknown => "OUTCOME_UNKNOWN",
            Self::Unhealthy => "UNHEALTHY",
            Self::WaitTimeout => "WAIT_TIMEOUT",
            Self::WaitImpossible => "WAIT_IMPOSSIBLE",
            Self::Cancelled => "CANCELLED",
            Self::ImageMoves => "IMAGE_MOVES",
        }
    }
}
