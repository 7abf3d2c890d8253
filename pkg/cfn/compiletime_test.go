package cfn_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

// TestWiringDoesNotCompile type-checks roots that wire their tiers, right and wrong: what does not compile cannot be
// rendered, reviewed or deployed.
func TestWiringDoesNotCompile(t *testing.T) {
	const tiers = `package wiring

import "github.com/tierform/tierform/pkg/cfn"

type networkOutputs struct {
	VPC     cfn.VPCID
	Subnets cfn.Zoned[cfn.SubnetID]
}

type dataInputs struct {
	VPC     cfn.VPCID
	Subnets cfn.Zoned[cfn.SubnetID]
	Key     cfn.KeyARN
}

type dataOutputs struct{ Endpoint cfn.HostName }

type securityInputs struct{ Endpoint cfn.HostName }

type securityOutputs struct{ Key cfn.KeyARN }

func network(*cfn.Template, struct{}) (out networkOutputs)               { return }
func data(*cfn.Template, dataInputs) (out dataOutputs)                   { return }
func security(*cfn.Template, securityInputs) (out securityOutputs)       { return }
func observe(*cfn.Template, struct{ Host cfn.HostName }) (out struct{})  { return }

func platform(root *cfn.Template, host cfn.HostName) {
`
	fset := token.NewFileSet()
	fromSource := importer.ForCompiler(fset, "source", nil)
	for _, row := range []struct{ name, body, want string }{{
		name: "right wires",
		body: `
	net := cfn.Nest(root, "Network", network, struct{}{})
	sec := cfn.Nest(root, "Security", security, securityInputs{Endpoint: host})
	out := cfn.Nest(root, "Data", data, dataInputs{VPC: net.VPC, Subnets: net.Subnets, Key: sec.Key})
	cfn.Nest(root, "Observe", observe, struct{ Host cfn.HostName }{out.Endpoint})`,
	}, {
		name: "subnet for a VPC",
		body: `
	net := cfn.Nest(root, "Network", network, struct{}{})
	cfn.Nest(root, "Data", data, dataInputs{VPC: net.Subnets[0], Subnets: net.Subnets})`,
		want: "cannot use net.Subnets[0] (variable of string type cfn.SubnetID) as cfn.VPCID value in struct literal",
	}, {
		name: "one subnet for all",
		body: `
	net := cfn.Nest(root, "Network", network, struct{}{})
	cfn.Nest(root, "Data", data, dataInputs{VPC: net.VPC, Subnets: net.Subnets[0]})`,
		want: "cannot use net.Subnets[0] (variable of string type cfn.SubnetID) as cfn.Zoned[cfn.SubnetID] value in struct literal",
	}, {
		name: "inputs of another tier",
		body: `
	cfn.Nest(root, "Data", data, securityInputs{Endpoint: host})`,
		want: "in call to cfn.Nest, type securityInputs of securityInputs{…} does not match inferred type dataInputs for In",
	}, {
		name: "output that a tier does not have",
		body: `
	net := cfn.Nest(root, "Network", network, struct{}{})
	cfn.Nest(root, "Data", data, dataInputs{VPC: net.VPC, Key: net.Key})`,
		want: "net.Key undefined (type networkOutputs has no field or method Key)",
	}, {
		name: "cycle: security needs data, data needs security",
		body: `
	sec := cfn.Nest(root, "Security", security, securityInputs{Endpoint: out.Endpoint})
	out := cfn.Nest(root, "Data", data, dataInputs{Key: sec.Key})`,
		want: "undefined: out",
	}, {
		name: "tier that waits for itself",
		body: `
	sec := cfn.Nest(root, "Security", security, securityInputs{Endpoint: cfn.HostName(sec.Key)})`,
		want: "undefined: sec",
	}} {
		t.Run(row.name, func(t *testing.T) {
			file, err := parser.ParseFile(fset, "wiring.go", tiers+row.body+"\n}\n", 0)
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			config := types.Config{Importer: fromSource, Error: func(err error) { found = append(found, err.(types.Error).Msg) }}
			_, _ = config.Check("wiring", fset, []*ast.File{file}, nil) // its errors are in found
			switch {
			case row.want == "" && len(found) > 0:
				t.Errorf("got %q, want no error", found)
			case row.want != "" && (len(found) == 0 || !strings.HasPrefix(found[0], row.want)):
				t.Errorf("got %q, want %s", found, row.want)
			}
		})
	}
}
