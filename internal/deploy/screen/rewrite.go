package screen

import (
	"reflect"
	"strings"
	"unicode"

	"github.com/tierform/tierform/internal/deploy/report"
)

// rewritten is an event with all its texts changed, whatever its type: an event added later is masked as well. Lists and maps that are
// missing become empty ones, so that JSON has [] and not null.
func rewritten(e report.Event, change func(string) string) report.Event {
	return changed(reflect.Indirect(reflect.ValueOf(e)), change).Interface().(report.Event)
}

func changed(v reflect.Value, change func(string) string) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.String:
		out.SetString(change(v.String()))
	case reflect.Slice:
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(changed(v.Index(i), change))
		}
	case reflect.Map:
		out.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for entries := v.MapRange(); entries.Next(); {
			out.SetMapIndex(changed(entries.Key(), change), changed(entries.Value(), change))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(changed(v.Elem(), change))
		}
	case reflect.Interface:
		if !v.IsNil() {
			out.Set(changed(v.Elem(), change))
		}
	case reflect.Struct:
		out.Set(v) // with the fields of time.Time, which nobody else can set
		for i := range v.NumField() {
			if out.Field(i).CanSet() {
				out.Field(i).Set(changed(v.Field(i), change))
			}
		}
	default:
		out.Set(v)
	}
	return out
}

// clean takes out what would move a terminal's cursor or turn the direction of its text: log lines and reasons come from anywhere.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, text)
}

// inLocale puts question marks in the place of what a terminal without UTF-8 cannot show.
func inLocale(text string) string {
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII {
			return '?'
		}
		return r
	}, text)
}
