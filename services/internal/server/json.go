package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// MaxBody is the largest request body that is read.
const MaxBody = 16 << 10

// Problem is the body of every answer that is not a success.
type Problem struct {
	Error   string `json:"error"`   // a word for programs
	Message string `json:"message"` // a sentence for people
}

// Write answers with JSON.
func Write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A caller that has gone cannot be told anything.
	_ = json.NewEncoder(w).Encode(body)
}

// Refuse answers with a problem. The message must hold nothing of the request.
func Refuse(w http.ResponseWriter, status int, word, message string) {
	Write(w, status, Problem{Error: word, Message: message})
}

// Unavailable answers that the same request may succeed later.
func Unavailable(w http.ResponseWriter, word, message string) {
	w.Header().Set("Retry-After", "1")
	Refuse(w, http.StatusServiceUnavailable, word, message)
}

// ErrBody says that a request's body is not what it must be. Its text holds
// nothing of the body, which may hold card data.
var ErrBody = errors.New("the body is not one JSON object with the documented fields")

// ErrTooLarge says that a request's body exceeds MaxBody.
var ErrTooLarge = fmt.Errorf("the body is larger than %d bytes", MaxBody)

// Read decodes one JSON object of at most MaxBody; an unknown field is refused,
// since a customer who misspells one must hear of it.
func Read(w http.ResponseWriter, r *http.Request, into any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, MaxBody))
	decoder.DisallowUnknownFields()
	return decode(decoder, into)
}

// ReadTolerant is Read for calls between services: unknown fields are passed
// over, so that the caller may be deployed first.
func ReadTolerant(w http.ResponseWriter, r *http.Request, into any) error {
	return decode(json.NewDecoder(http.MaxBytesReader(w, r.Body, MaxBody)), into)
}

func decode(decoder *json.Decoder, into any) error {
	err := decoder.Decode(into)
	if err == nil {
		if err = decoder.Decode(new(json.RawMessage)); errors.Is(err, io.EOF) {
			return nil
		}
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return ErrTooLarge
	}
	return ErrBody
}
