package cloud

import (
	"context"
	"crypto/tls"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
)

// ErrorCode is the code that AWS gave an error ("ValidationError"); empty for errors of other kinds. Answers without a body, as those to
// HEAD requests of Amazon S3, have the status in words: "NotFound".
func ErrorCode(err error) string {
	code, _ := said(err)
	return code
}

// said are the code and the message that AWS gave an error.
func said(err error) (code, message string) {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode(), api.ErrorMessage()
	}
	return "", ""
}

// status is that of the answer, 0 where there was none.
func status(err error) int {
	var answer interface{ HTTPStatusCode() int }
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}

// is tells whether an error has one of some codes.
func is(err error, codes ...string) bool {
	code := ErrorCode(err)
	return code != "" && slices.Contains(codes, code)
}

// noCredentials is how the SDK begins to say that its providers have no credentials left to give (an SSO session that ended, for instance).
const noCredentials = "failed to refresh cached credentials"

// Expired tells whether AWS does not take the credentials, or not any more: retrying is of no use. The codes are those of the protocols'
// common errors and of Amazon S3's "Error responses".
func Expired(err error) bool {
	return is(err, "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken", "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId") ||
		err != nil && strings.Contains(err.Error(), noCredentials) && !errors.Is(err, context.Canceled)
}

// Skewed tells whether AWS refuses a request because this machine's clock is wrong.
func Skewed(err error) bool {
	code, message := said(err)
	return slices.Contains([]string{"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"}, code) ||
		slices.Contains([]string{"InvalidSignatureException", "SignatureDoesNotMatch"}, code) && strings.Contains(message, "Signature expired")
}

// Throttled tells whether AWS had too many requests. LimitExceededException is a quota, which waiting does not change.
func Throttled(err error) bool {
	throttle := retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}
	return !is(err, limitExceeded) && (throttle.IsErrorThrottle(err) == aws.TrueTernary || status(err) == http.StatusTooManyRequests)
}

const limitExceeded = "LimitExceededException"

// Transient tells whether the same call may succeed later: throttling, errors of the service, broken connections and answers.
func Transient(err error) bool {
	switch {
	case err == nil, errors.Is(err, context.Canceled), Expired(err), untrusted(err):
		return false
	case Throttled(err), status(err) >= http.StatusInternalServerError, is(err, "RequestTimeout", "RequestTimeoutException"), broken(err):
		return true
	}
	return ErrorCode(err) == "" && retry.RetryableConnectionError{}.IsErrorRetryable(err) == aws.TrueTernary
}

// broken tells an answer that ended in the middle.
func broken(err error) bool {
	var syntax *xml.SyntaxError
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &syntax)
}

// untrusted tells a server whose certificate is not trusted: it will not be in a minute either.
func untrusted(err error) bool {
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &certificate)
}

// Denied tells whether the caller lacks a permission.
func Denied(err error) bool {
	return is(err, "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "NotAuthorized", "Forbidden")
}

// Missing tells whether the thing asked for does not exist. CloudFormation says so of stacks in the text of a ValidationError only.
func Missing(err error) bool {
	if code, message := said(err); code == "ValidationError" {
		return strings.Contains(message, "does not exist")
	}
	return is(err, "NoSuchKey", "NotFound", "NoSuchBucket", "ChangeSetNotFound", "ChangeSetNotFoundException", "StackNotFoundException", "ResourceNotFoundException",
		"RepositoryNotFoundException", "ImageNotFoundException", "ClusterNotFoundException", "ServiceNotFoundException", "NoSuchUpload")
}

// Taken tells whether a conditional write found the object not as expected, because somebody else wrote it (S3 User Guide, "How to prevent
// object overwrites with conditional writes").
func Taken(err error) bool { return is(err, "PreconditionFailed", conflict) }

// conflict is the code of a conditional write at the same time as another: nobody knows yet who wins.
const conflict = "ConditionalRequestConflict"

// Conflicting tells whether a conditional write met another one at the same moment; it is to be tried again.
func Conflicting(err error) bool { return is(err, conflict) }

// Unsupported tells whether the endpoint does not know the operation, as emulators and old regions say.
func Unsupported(err error) bool {
	return is(err, "InvalidAction", "UnknownOperationException", "NotImplemented", "UnsupportedOperation")
}
