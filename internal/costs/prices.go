package costs

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Price is what AWS asks for a unit of something.
type Price struct {
	// ID is the name by which it is asked for, What says what it is for.
	ID   string `yaml:"id" json:"id"`
	What string `yaml:"what" json:"what"`
	// USD is for one Unit.
	USD  float64 `yaml:"usd" json:"usd"`
	Unit string  `yaml:"unit" json:"unit"`
	// Source is the page of AWS that holds the current price. Verified tells whether the figure was found in AWS's own text or
	// price list, Seen of which day that copy was, if it bears a date; Note is why it is not verified, or what that copy was of.
	Source   string `yaml:"source" json:"source"`
	Seen     string `yaml:"seen" json:"seen,omitempty"`
	Verified bool   `yaml:"verified" json:"verified"`
	Note     string `yaml:"note" json:"note,omitempty"`
}

// PriceList is the prices of a region.
type PriceList struct {
	Region string `yaml:"region" json:"region"`
	// Compiled is the day on which the list was put together.
	Compiled string  `yaml:"compiled" json:"compiled"`
	Prices   []Price `yaml:"prices" json:"prices"`
}

//go:embed prices.yaml
var pricesText []byte

// Prices is the price list that comes with the package.
func Prices() (PriceList, error) { return ReadPrices("prices.yaml", pricesText) }

// ReadPrices reads a price list, which must have the same IDs as the one that comes with the package. The error names
// everything that is wrong.
func ReadPrices(name string, data []byte) (PriceList, error) {
	var list, known PriceList
	if err := errors.Join(strict(name, data, &list), strict(name, pricesText, &known)); err != nil {
		return PriceList{}, err
	}
	problems := []error{needText(name, "region", list.Region), needDay(name, "compiled", list.Compiled)}
	for i, p := range list.Prices {
		if slices.Contains(list.ids()[:i], p.ID) {
			problems = append(problems, fmt.Errorf("%s: price %s stands twice", name, p.ID))
		}
		problems = append(problems, p.check(name+": price "+p.ID))
	}
	problems = append(problems, sameNames(name, "price", list.ids(), known.ids()))
	if err := errors.Join(problems...); err != nil {
		return PriceList{}, err
	}
	return list, nil
}

func (l PriceList) ids() (ids []string) {
	for _, p := range l.Prices {
		ids = append(ids, p.ID)
	}
	return ids
}

func (p Price) check(where string) error {
	problems := []error{needText(where, "what", p.What), needText(where, "unit", p.Unit)}
	if !within(p.USD, 1e6) || p.USD == 0 {
		problems = append(problems, fmt.Errorf("%s: usd is %v: it must be more than 0, and at most a million", where, p.USD))
	}
	if !strings.HasPrefix(p.Source, "https://") {
		problems = append(problems, fmt.Errorf("%s: source is %q: it must be the https:// address of a page", where, p.Source))
	}
	if p.Seen != "" {
		problems = append(problems, needDay(where, "seen", p.Seen))
	}
	if !p.Verified && p.Note == "" {
		problems = append(problems, fmt.Errorf("%s: verified is false and note is empty: it must say why", where))
	}
	return errors.Join(problems...)
}

// strict decodes YAML and refuses keys that the value does not have.
func strict(name string, data []byte, into any) error {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// within tells whether a number is at least 0 and no greater than another; what is no number is not.
func within(n, most float64) bool { return n >= 0 && n <= most }

func needText(where, key, value string) error {
	if value == "" {
		return fmt.Errorf("%s: %s is empty: it must be a text", where, key)
	}
	return nil
}

func needDay(where, key, value string) error {
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		return fmt.Errorf("%s: %s is %q: it must be a day such as 2026-01-31", where, key, value)
	}
	return nil
}

// sameNames tells what is missing in a list and what should not be there.
func sameNames(where, kind string, have, want []string) error {
	var problems []error
	for _, name := range want {
		if !slices.Contains(have, name) {
			problems = append(problems, fmt.Errorf("%s: %s %s is missing", where, kind, name))
		}
	}
	for _, name := range have {
		if !slices.Contains(want, name) {
			problems = append(problems, fmt.Errorf("%s: %s %s is not known: it must be one of %s", where, kind, name, strings.Join(want, ", ")))
		}
	}
	return errors.Join(problems...)
}
