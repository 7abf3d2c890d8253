package main

import (
	"strings"
	"testing"
)

const testCorrections = `# Comments are ignored,
AWS::Shop::Order
	# also among members.
	=Endpoint.Port s
	!Count i
	Name s
	Gift .Gift

AWS::Shop::Order.Gift
	!Wrap {.Tag
# A type of the specification that is not kept is left out.
AWS::Shop::Clash
	Extra s
`

func TestCorrections(t *testing.T) {
	got, err := generateFrom(t, gzipped(t, testDatabase), testTypes, testCorrections)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer(
		"\t=Endpoint.Address s\n", "\t=Endpoint.Address s\n\t=Endpoint.Port s\n",
		"\tCount i\n", "\t!Count i\n\tGift .Gift\n",
		"\t!Name s\n", "\tName s\n",
		"AWS::Shop::Order.Group\n", "AWS::Shop::Order.Gift\n\t!Wrap {.Tag\nAWS::Shop::Order.Group\n",
	).Replace(testOutput)
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestCorrectionErrors(t *testing.T) {
	const order = "AWS::Shop::Order\n"
	tests := map[string]struct {
		corrections string
		want        []string
	}{
		"unknown types":    {"AWS::No::One\n\tA s\nAWS::No::Two.Shape\n\tA s\n", []string{"AWS::No::One", "AWS::No::Two"}},
		"stale":            {order + "\t!Name s\n", []string{"AWS::Shop::Order", `"!Name s"`}},
		"missing shape":    {order + "\tA [.None\n", []string{"AWS::Shop::Order.None", "[.None"}},
		"unused shape":     {"AWS::Shop::Order.Lone\n\tA s\n", []string{"AWS::Shop::Order.Lone"}},
		"no shape line":    {"\tA s\n", []string{"line 1", `"A s"`}},
		"shape name":       {"Order\n", []string{"line 1", `"Order"`}},
		"shape twice":      {order + order, []string{"line 2", "AWS::Shop::Order"}},
		"member twice":     {order + "\tA s\n\t!A i\n", []string{"line 3", "A"}},
		"no kind":          {order + "\tA\n", []string{"line 2", `"A"`}},
		"kind":             {order + "\tA x\n", []string{"line 2", `"x"`}},
		"list of nothing":  {order + "\tA [\n", []string{"line 2", `"["`}},
		"nested attribute": {"AWS::Shop::Order.Line\n\t=A s\n", []string{"line 2", "AWS::Shop::Order.Line"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := generateFrom(t, gzipped(t, testDatabase), testTypes, test.corrections)
			checkError(t, err, append(test.want, "corrections"))
		})
	}
}
