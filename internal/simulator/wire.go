package simulator

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// An Error is what AWS answers instead of a result.
type Error struct {
	Status        int
	Code, Message string
}

// Error is code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// invalid is CloudFormation's answer to most mistakes (CloudFormation API Reference, "Common errors").
func invalid(format string, values ...any) error {
	return &Error{Status: http.StatusBadRequest, Code: "ValidationError", Message: fmt.Sprintf(format, values...)}
}

// An element is a member of a result in a query protocol.
type element struct {
	name  string
	value any // string, bool, int, time.Time, []element (structure), or []any (list of members)
}

// isQuery tells the services that answer in XML (AWS query protocol).
func isQuery(service string) bool {
	return service == "cloudformation" || service == "sts" || service == "elasticloadbalancing" || service == "rds" ||
		service == "monitoring" || service == "ec2"
}

// respond writes a result or an error.
func respond(w http.ResponseWriter, c *call, result any, err error, requestID string) {
	if err != nil {
		known := &Error{Status: http.StatusInternalServerError, Code: "InternalFailure"}
		errors.As(err, &known)
		respondError(w, c, known)
		return
	}
	if !isQuery(c.service) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_ = json.NewEncoder(w).Encode(orEmpty(result))
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	members, _ := result.([]element)
	encoder := xml.NewEncoder(w)
	if c.service == "ec2" { // a protocol of its own: no element around the result (Smithy, "AWS EC2 query protocol")
		writeElement(encoder, element{c.operation + "Response", append([]element{{"requestId", requestID}}, members...)})
		_ = encoder.Flush()
		return
	}
	writeElement(encoder, element{c.operation + "Response", []element{{c.operation + "Result", members}, {"ResponseMetadata", []element{{"RequestId", requestID}}}}})
	_ = encoder.Flush()
}

func orEmpty(result any) any {
	if result == nil {
		return map[string]any{}
	}
	return result
}

// respondError writes an error in the protocol of the call.
func respondError(w http.ResponseWriter, c *call, e *Error) {
	if c.service == "s3" || isQuery(c.service) {
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(e.Status)
		body := []element{{"Code", e.Code}, {"Message", e.Message}}
		encoder := xml.NewEncoder(w)
		if c.service == "s3" {
			writeElement(encoder, element{"Error", body})
		} else if c.service == "ec2" {
			writeElement(encoder, element{"Response", []element{{"Errors", []element{{"Error", body}}}, {"RequestID", "simulated"}}})
		} else {
			writeElement(encoder, element{"ErrorResponse", []element{{"Error", append([]element{{"Type", "Sender"}}, body...)}, {"RequestId", "simulated"}}})
		}
		_ = encoder.Flush()
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(e.Status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": e.Code, "message": e.Message})
}

// writeElement writes XML; what is empty is left out, as AWS does.
func writeElement(x *xml.Encoder, e element) {
	text := ""
	switch v := e.value.(type) {
	case string:
		text = v
	case bool:
		text = strconv.FormatBool(v)
	case int:
		text = strconv.Itoa(v)
	case time.Time:
		text = v.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	structure, isStructure := e.value.([]element)
	list, isList := e.value.([]any)
	if text == "" && !isStructure && !isList {
		return
	}
	start := xml.StartElement{Name: xml.Name{Local: e.name}}
	_ = x.EncodeToken(start)
	for _, member := range structure {
		writeElement(x, member)
	}
	for _, member := range list {
		writeElement(x, element{"member", member})
	}
	_ = x.EncodeToken(xml.CharData(text))
	_ = x.EncodeToken(start.End())
}

// nextID is a new identifier in AWS's form, the same in each run. The caller holds the lock, or does not care about the order.
func (s *Simulator) nextID() string {
	s.ids++
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", s.ids*2654435761%(1<<32), s.ids)
}
