package hawser

// #include "calls.h"
import "C"

import (
	"strings"
	"syscall"
)

// check makes an error of how a call went.
func check(c C.outcome) error {
	if c.status == C.HWS_OK {
		return nil
	}
	var info *C.hws_error_info
	if C.hws_error_get(c.error, &info) != C.HWS_OK { // there was no memory to keep it in
		return newError(Status(c.status), Status(c.status).row().text)
	}
	defer C.hws_error_free(c.error)
	return read(info, (*Error).read)
}

// newError makes an error that the library does not know of.
func newError(status Status, message string) *Error {
	return &Error{Status: status, Message: message, TimeLimit: Never, Position: -1, Size: -1, MaxSize: -1,
		CurrentSize: -1, RcvdThenSent: -1}
}

// Error says what happened, and what led to it.
func (e *Error) Error() string {
	if e.Cause == nil {
		return "hawser: " + e.Message
	}
	return "hawser: " + e.Message + " <- " + strings.TrimPrefix(e.Cause.Error(), "hawser: ")
}

// Unwrap gives what led to it.
func (e *Error) Unwrap() error {
	if e.Cause == nil {
		return nil
	}
	return e.Cause
}

// Is compares it with a Status, or with the syscall.Errno that the system gave.
func (e *Error) Is(target error) bool {
	if errno, ok := target.(syscall.Errno); ok {
		return e.OSError != 0 && syscall.Errno(e.OSError) == errno
	}
	return e.Status.Is(target)
}

// Timeout tells whether it took too long, as in net.Error.
func (e *Error) Timeout() bool { return e.Status.Is(ErrTimeout) }

// Temporary tells whether trying again could help, as in net.Error.
func (e *Error) Temporary() bool { return e.Retryable != RetryNo }
