package simulator

import (
	"fmt"
	"strconv"
	"strings"
)

// streamEvents is GetLogEvents: the latest lines of a stream, or its lines page after page from the beginning. The token tells where the next
// page begins; at the end it is the one that was given. A stream is there when its first line is (Amazon CloudWatch Logs API reference,
// GetLogEvents; that pages have the size of other lists is assumed).
func (s *Simulator) streamEvents(c *call) (any, error) {
	if c.body["startFromHead"] != true {
		return s.getLogEvents(c)
	}
	g, err := s.logGroup(c)
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, l := range g.lines {
		if l.stream == c.text("logStreamName") {
			list = append(list, map[string]any{"timestamp": l.at.UnixMilli(), "ingestionTime": l.at.UnixMilli(), "message": l.text})
		}
	}
	if len(list) == 0 {
		return nil, refuse("ResourceNotFoundException", "The specified log stream does not exist.")
	}
	from := 0
	if token := c.text("nextToken"); token != "" {
		if from, err = strconv.Atoi(strings.TrimPrefix(token, "f/")); err != nil || from < 0 || from > len(list) {
			return nil, refuse("InvalidParameterException", "The specified nextToken is invalid.")
		}
	}
	to := min(len(list), from+c.number("limit", s.options.PageSize))
	return map[string]any{"events": list[from:to], "nextForwardToken": fmt.Sprintf("f/%d", to), "nextBackwardToken": fmt.Sprintf("b/%d", from)}, nil
}
