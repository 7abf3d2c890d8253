package costs

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// section is a part of a report: a table with a few words before it.
type section struct {
	title, text string
	head        []string
	rows        [][]string
	right       int // columns from here on are numbers
	reference   bool
}

// largest is how many lines a short report shows.
const largest = 10

// sections are the parts of a report that have something to say, with at most so many lines.
func (r Report) sections(lines int) []section {
	all := []section{r.month(), r.byTier(), r.dearest(lines), r.switches(), r.notCounted(), r.free(), r.assumed(), r.priced()}
	return slices.DeleteFunc(all, func(s section) bool { return len(s.rows) == 0 && s.text == "" })
}

// cells are the same figure of all columns.
func (r Report) cells(first []string, figure func(Column) string) []string {
	for _, c := range r.Columns {
		first = append(first, figure(c))
	}
	return first
}

func (r Report) head(first ...string) []string {
	return r.cells(first, func(c Column) string { return c.Environment })
}

func (r Report) month() section {
	s := section{title: "A month", head: r.head("US dollars"), right: 1}
	for _, line := range []struct {
		name  string
		value func(Column) float64
	}{
		{"Fixed: paid when nobody comes", func(c Column) float64 { return c.Estimate.Fixed() }},
		{"Variable: paid for use, as assumed", func(c Column) float64 { return c.Estimate.Variable() }},
		{"Total", func(c Column) float64 { return c.Estimate.Total() }},
		{"of that at prices not verified", func(c Column) float64 { return r.unverified(c.Estimate) }},
		{"Total of a year", func(c Column) float64 { return 12 * c.Estimate.Total() }},
	} {
		s.rows = append(s.rows, r.cells([]string{line.name}, func(c Column) string { return dollars(line.value(c)) }))
	}
	return s
}

func (r Report) byTier() section {
	s := section{title: "By tier", head: r.head("Tier"), right: 1}
	for _, name := range r.tiers() {
		s.rows = append(s.rows, r.cells([]string{name}, func(c Column) string { return dollars(c.Estimate.Tier(name)) }))
	}
	return s
}

func (r Report) dearest(lines int) section {
	rows := r.rows()
	if len(rows) == 0 {
		return section{}
	}
	s := section{title: "The largest lines", text: "Each with its quantity in brackets.", head: r.head("Tier", "What", "Paid", "Price"), right: 4}
	if lines >= len(rows) {
		s.title = "All lines"
	}
	shown := min(lines, len(rows))
	for _, row := range rows[:shown] {
		price := r.price(row.key.price)
		cells := []string{row.key.tier, price.What, map[bool]string{false: "fixed", true: "by use"}[row.key.variable], price.show()}
		for _, l := range row.lines {
			if l.USD == 0 {
				cells = append(cells, dollars(0))
			} else {
				cells = append(cells, fmt.Sprintf("%s (%s)", dollars(l.USD), number(l.Quantity)))
			}
		}
		s.rows = append(s.rows, cells)
	}
	if others := rows[shown:]; len(others) > 0 {
		sums := make([]float64, len(r.Columns))
		for _, row := range others {
			for i, l := range row.lines {
				sums[i] += l.USD
			}
		}
		cells := []string{"", fmt.Sprintf("%d lines more", len(others)), "", ""}
		for _, usd := range sums {
			cells = append(cells, dollars(usd))
		}
		s.rows = append(s.rows, cells)
	}
	return s
}

func (r Report) switches() section {
	s := section{title: "What switches save", head: r.head("A month"), right: 1,
		text: "Computed from the same templates with the switch the other way; what then goes another way, such as calls of AWS through NAT, is charged there."}
	spot := "Fargate Spot where the capacity provider strategies have it, not on demand"
	if !r.price("fargate-spot-vcpu").Verified {
		spot += "; its price is not verified"
	}
	s.rows = append(s.rows, r.cells([]string{spot}, func(c Column) string {
		return saves(c.OnDemandOnly - c.Estimate.Total())
	}))
	if slices.ContainsFunc(r.Columns, func(c Column) bool { return c.Endpoints != nil }) {
		s.rows = append(s.rows, r.cells([]string{"`" + endpointSwitch + "`: disabled, not enabled"}, func(c Column) string { return c.Endpoints.saving(c.Estimate.Total()) }))
	}
	s.rows = append(s.rows, r.cells([]string{"For comparison: all tasks and the database at their maximum all month"}, func(c Column) string { return dollars(c.AtMaximum) }))
	return s
}

// saving is what disabled endpoints save.
func (s *Switch) saving(total float64) string {
	switch {
	case s == nil:
		return "–"
	case s.Value == "disabled":
		return saves(s.OtherUSD - total)
	}
	return "would save " + dollars(total-s.OtherUSD)
}

func saves(usd float64) string {
	if usd == 0 {
		return "saves nothing"
	}
	return "saves " + dollars(usd)
}

func (r Report) notCounted() section {
	s := section{title: "Not counted", head: []string{"Template", "Resource", "Why", "Environment"}, right: 4,
		text: "Tax, support, Savings Plans and other discounts; the free tiers of an account and volume tiers above the first; S3 requests; searching logs; what is switched on for a whole account, such as GuardDuty, Config and Security Hub. And of the templates:"}
	for _, c := range r.Columns {
		for _, u := range c.Estimate.Unpriced {
			s.rows = append(s.rows, []string{u.Template, u.LogicalID, u.Why, c.Environment})
		}
	}
	if len(s.rows) == 0 {
		s.text = strings.TrimSuffix(s.text, " And of the templates:") + " Everything in the templates has a price or is free."
	}
	return s
}

func (r Report) free() section {
	var types []string
	for _, c := range r.Columns {
		for _, f := range c.Estimate.Free {
			types = append(types, f.Type)
		}
	}
	slices.Sort(types)
	types = slices.Compact(types)
	if len(types) == 0 {
		return section{}
	}
	return section{title: "Free", text: "Resources of these types cost nothing by themselves: `" + strings.Join(types, "`, `") + "`.", reference: true}
}

func (r Report) assumed() section {
	s := section{title: "Assumptions", head: r.head("Name", "What", "Unit"), right: 3, reference: true,
		text: "Of a month. Replace them by what you measure."}
	for _, a := range r.Assumptions.List {
		s.rows = append(s.rows, r.cells([]string{"`" + a.Name + "`", a.What, a.Unit}, func(c Column) string { return number(a.Values[c.Environment]) }))
	}
	return s
}

func (r Report) priced() section {
	s := section{title: "Prices", head: []string{"What", "Price", "Seen", "AWS's page"}, right: 4, reference: true,
		text: fmt.Sprintf("Of %s, compiled on %s. \"Seen\" is the date of the copy of AWS's text or price list that has the figure.", r.Prices.Region, r.Prices.Compiled)}
	for _, p := range r.Prices.Prices {
		s.rows = append(s.rows, []string{p.What, p.show(), p.seen(), p.Source})
	}
	return s
}

func (p Price) show() string {
	amount := strconv.FormatFloat(p.USD, 'f', -1, 64)
	if _, decimals, _ := strings.Cut(amount, "."); len(decimals) == 1 {
		amount += "0"
	}
	return "$" + amount + " per " + p.Unit
}

func (p Price) seen() string {
	if !p.Verified {
		return "not verified: " + p.Note
	}
	seen := cmp.Or(p.Seen, "undated")
	if p.Note != "" {
		seen += ", " + p.Note
	}
	return seen
}

// dollars are whole ones: estimates know no cents.
func dollars(usd float64) string {
	switch {
	case usd == 0:
		return "–"
	case math.Abs(usd) < 0.5:
		return "<$1"
	case usd < 0:
		return "-$" + thousands(-usd)
	}
	return "$" + thousands(usd)
}

// number has at most two decimals, and those only where they matter.
func number(n float64) string {
	if n < 100 {
		return strconv.FormatFloat(math.Round(n*100)/100, 'f', -1, 64)
	}
	return thousands(n)
}

// thousands is a whole number with commas.
func thousands(n float64) string {
	digits := strconv.FormatFloat(math.Round(n), 'f', 0, 64)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}
