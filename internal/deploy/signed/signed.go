// Package signed makes the few calls to services whose SDK clients would cost every build more than the calls are worth: Amazon RDS, AWS KMS,
// AWS Cloud Map, AWS CloudTrail, Amazon CloudWatch and others.
package signed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"

	"github.com/tierform/tierform/internal/deploy/clock"
)

// A Client signs requests and sends them.
type Client struct {
	HTTP        aws.HTTPClient
	Credentials aws.CredentialsProvider
	Region      string
	// Endpoint is an address for all services; empty takes AWS's.
	Endpoint string
	Clock    clock.Clock
}

// tries of a call: throttling and errors of the service are worth another.
const tries = 5

// JSON performs an operation of a service that speaks AWS's JSON 1.1 protocol; target is "Prefix.Operation".
func (c Client) JSON(ctx context.Context, service, target string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := c.send(ctx, service, http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {target}}, body)
	if err != nil {
		return err
	}
	return json.Unmarshal(answer, out)
}

// Query performs an operation of a service that speaks AWS's query protocol.
func (c Client) Query(ctx context.Context, service string, form url.Values, out any) error {
	answer, err := c.send(ctx, service, http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}, []byte(form.Encode()))
	if err != nil {
		return err
	}
	return xml.Unmarshal(answer, out)
}

// send signs and sends until there is an answer that is worth having.
func (c Client) send(ctx context.Context, service string, header http.Header, body []byte) ([]byte, error) {
	for try := 1; ; try++ {
		answer, again, err := c.once(ctx, service, header, body)
		if err == nil || !again || try == tries {
			return answer, err
		}
		if err := c.Clock.Sleep(ctx, time.Second<<try); err != nil {
			return nil, err
		}
	}
}

// once sends one request, and tells whether another may fare better.
func (c Client) once(ctx context.Context, service string, header http.Header, body []byte) (answer []byte, again bool, err error) {
	address := c.Endpoint
	if address == "" {
		address = "https://" + service + "." + c.Region + ".amazonaws.com"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(address, "/")+"/", bytes.NewReader(body))
	if err != nil {
		return nil, false, err
	}
	request.Header = header.Clone()
	credentials, err := c.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, false, err
	}
	sum := sha256.Sum256(body)
	_ = v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), service, c.Region, c.Clock.Now()) // of hashes: cannot fail
	response, err := c.HTTP.Do(request)
	if err != nil {
		return nil, ctx.Err() == nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	if err != nil {
		return nil, true, err
	}
	if response.StatusCode == http.StatusOK {
		return answer, false, nil
	}
	failed := failure(response.StatusCode, answer)
	return nil, response.StatusCode >= http.StatusInternalServerError || strings.Contains(failed.Code, "Throttling"), failed
}

// failure reads the error in an answer of either protocol.
func failure(status int, answer []byte) *smithy.GenericAPIError {
	var plain struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	var marked struct {
		Code    string `xml:"Error>Code"`
		Message string `xml:"Error>Message"`
	}
	var wrapped struct { // as Amazon EC2 answers
		Code    string `xml:"Errors>Error>Code"`
		Message string `xml:"Errors>Error>Message"`
	}
	switch {
	case json.Unmarshal(answer, &plain) == nil && plain.Type != "":
		return &smithy.GenericAPIError{Code: plain.Type[strings.LastIndexByte(plain.Type, '#')+1:], Message: plain.Message}
	case xml.Unmarshal(answer, &marked) == nil && marked.Code != "":
		return &smithy.GenericAPIError{Code: marked.Code, Message: marked.Message}
	case xml.Unmarshal(answer, &wrapped) == nil && wrapped.Code != "":
		return &smithy.GenericAPIError{Code: wrapped.Code, Message: wrapped.Message}
	}
	return &smithy.GenericAPIError{Code: http.StatusText(status), Message: string(answer)}
}
