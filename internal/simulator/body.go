package simulator

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// text is a member of a JSON request; empty when it is not there.
func (c *call) text(name string) string {
	s, _ := c.body[name].(string)
	return s
}

// texts is a list of texts in a JSON request, or, in a query, the members of a list.
func (c *call) texts(name string) []string {
	var all []string
	if c.form != nil {
		for i := 1; c.form.Has(name + ".member." + strconv.Itoa(i)); i++ {
			all = append(all, c.form.Get(name+".member."+strconv.Itoa(i)))
		}
		return all
	}
	list, _ := c.body[name].([]any)
	for _, item := range list {
		all = append(all, fmt.Sprint(item))
	}
	return all
}

// number is a member of a JSON request.
func (c *call) number(name string, otherwise int) int {
	if v, is := c.body[name].(float64); is {
		return int(v)
	}
	return otherwise
}

// refuse is a client error of a JSON service.
func refuse(code, format string, values ...any) error {
	return &Error{http.StatusBadRequest, code, fmt.Sprintf(format, values...)}
}

// epochSeconds is a time in JSON.
func epochSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// property is what a resource's properties hold on a path of keys.
func property(r *resource, path ...string) any {
	var v any = r.properties
	for _, key := range path {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

func propertyText(r *resource, path ...string) string { return textOf(property(r, path...)) }

// integer reads a property's number.
func integer(v any, otherwise int) int {
	if n, err := strconv.Atoi(textOf(v)); err == nil {
		return n
	}
	return otherwise
}

// named are the items of a list that a caller asked for by name or ARN, and the names that it does not hold.
func named[T any](all []T, wanted []string, is func(T, string) bool) (found []T, missing []string) {
	for _, name := range wanted {
		had := len(found)
		for _, item := range all {
			if is(item, name) {
				found = append(found, item)
			}
		}
		if len(found) == had {
			missing = append(missing, name)
		}
	}
	return found, missing
}

// tagList are tags in a service's form of key and value.
func tagList(tags map[string]string, key, value string) []any {
	list := []any{}
	for _, k := range sortedKeys(tags) {
		list = append(list, map[string]any{key: k, value: tags[k]})
	}
	return list
}

// nameOf is the last part of an ARN, or the name itself.
func nameOf(arn string) string { return arn[strings.LastIndexAny(arn, "/:")+1:] }

// paged cuts a JSON list and writes it with the token for the next page.
func paged[T any](c *call, result, token string, size int, all []T) map[string]any {
	items, next := cut(all, c.text(token), size)
	out := map[string]any{result: append([]T{}, items...)}
	if next != "" {
		out[token] = next
	}
	return out
}
