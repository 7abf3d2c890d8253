//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tierform/tierform/test/runtime/collector"
)

// span is a piece of work of a trace: a segment document of X-Ray, or one of its subsegments, which have the same form (X-Ray Developer
// Guide, "AWS X-Ray segment documents"). Times are seconds since the epoch.
type span struct {
	ID       string  `json:"id"`
	Parent   string  `json:"parent_id"`
	Name     string  `json:"name"`
	Begun    float64 `json:"start_time"`
	Ended    float64 `json:"end_time"`
	Fault    bool    `json:"fault"`
	Error    bool    `json:"error"`
	Children []*span `json:"subsegments"`
	HTTP     struct {
		Request  struct{ Method string }
		Response struct{ Status int }
	}
}

// tree writes a trace as an indented list: what called what, when it began after the first, and how long it took. It is whole when the last
// service's part is there, and each part's caller up to payment-api.
func tree(segments []collector.Segment) (text string, whole bool, err error) {
	roots, err := spans(segments)
	if err != nil {
		return "", false, err
	}
	if len(roots) == 0 {
		return "", false, nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  %8s %9s\n", "begins", "takes")
	for _, s := range roots {
		s.write(&b, roots[0].Begun, 0)
	}
	last := func(s collector.Segment) bool { return s.Name == "notification-service" }
	return b.String(), len(roots) == 1 && roots[0].Name == "payment-api" && slices.ContainsFunc(segments, last), nil
}

// spans hangs each span below its parent, and returns those without one.
func spans(segments []collector.Segment) ([]*span, error) {
	all := map[string]*span{}
	var list []*span
	var add func(s *span)
	add = func(s *span) {
		all[s.ID] = s
		for _, below := range s.Children {
			add(below)
		}
	}
	for _, segment := range segments {
		s := new(span)
		if err := json.Unmarshal([]byte(segment.Document), s); err != nil {
			return nil, fmt.Errorf("reading a segment of X-Ray: %w", err)
		}
		list = append(list, s)
		add(s)
	}
	var roots []*span
	for _, s := range list {
		if parent := all[s.Parent]; parent != nil {
			parent.Children = append(parent.Children, s)
		} else {
			roots = append(roots, s)
		}
	}
	order(roots)
	return roots, nil
}

func order(list []*span) {
	slices.SortStableFunc(list, func(a, b *span) int {
		switch {
		case a.Begun < b.Begun:
			return -1
		case a.Begun > b.Begun:
			return 1
		}
		return 0
	})
	for _, s := range list {
		order(s.Children)
	}
}

func (s *span) write(b *strings.Builder, first float64, depth int) {
	fmt.Fprintf(b, "  %6.1f ms %6.1f ms  %s%s\n", 1000*(s.Begun-first), 1000*(s.Ended-s.Begun), strings.Repeat("  ", depth), s.label())
	for _, below := range s.Children {
		below.write(b, first, depth+1)
	}
}

func (s *span) label() string {
	text := s.Name
	if s.HTTP.Request.Method != "" && !strings.HasSuffix(text, " "+s.HTTP.Request.Method) {
		text += " " + s.HTTP.Request.Method
	}
	if s.HTTP.Response.Status != 0 {
		text += fmt.Sprintf(" %d", s.HTTP.Response.Status)
	}
	if s.Fault || s.Error {
		text += " failed"
	}
	return text
}
