package cfn_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/awslabs/goformation/v7/cloudformation/autoscaling"
	"github.com/awslabs/goformation/v7/cloudformation/cloudtrail"
	"github.com/awslabs/goformation/v7/cloudformation/cloudwatch"
	"github.com/awslabs/goformation/v7/cloudformation/codedeploy"
	"github.com/awslabs/goformation/v7/cloudformation/dynamodb"
	"github.com/awslabs/goformation/v7/cloudformation/ec2"
	"github.com/awslabs/goformation/v7/cloudformation/ecs"
	"github.com/awslabs/goformation/v7/cloudformation/elasticloadbalancingv2"
	"github.com/awslabs/goformation/v7/cloudformation/iam"
	"github.com/awslabs/goformation/v7/cloudformation/kinesisfirehose"
	"github.com/awslabs/goformation/v7/cloudformation/lambda"
	"github.com/awslabs/goformation/v7/cloudformation/pipes"
	"github.com/awslabs/goformation/v7/cloudformation/rds"
	"github.com/awslabs/goformation/v7/cloudformation/s3"
	"github.com/awslabs/goformation/v7/cloudformation/wafv2"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/pkg/cfn"
)

// TestSameDataAsGoformation fills resources at random and compares what is written with goformation's own JSON.
func TestSameDataAsGoformation(t *testing.T) {
	resources := []cfn.Properties{
		&autoscaling.AutoScalingGroup{}, &cloudtrail.Trail{}, &cloudwatch.Alarm{}, &codedeploy.DeploymentGroup{}, &dynamodb.Table{},
		&ec2.LaunchTemplate{}, &ecs.Service{}, &ecs.TaskDefinition{}, &elasticloadbalancingv2.ListenerRule{}, &iam.Role{},
		&kinesisfirehose.DeliveryStream{}, &lambda.Alias{}, &pipes.Pipe{}, &rds.DBCluster{}, &s3.Bucket{}, &wafv2.WebACL{},
	}
	for _, r := range resources {
		t.Run(r.AWSCloudFormationType(), func(t *testing.T) {
			for seed := range uint64(12) {
				filled := reflect.New(reflect.TypeOf(r).Elem())
				f := filler{rand.New(rand.NewPCG(seed, 5))}
				f.fill(filled.Elem(), 0)
				compareWithJSON(t, filled.Interface().(cfn.Properties))
			}
		})
	}
}

func compareWithJSON(t *testing.T, resource cfn.Properties) {
	t.Helper()
	c := cfn.NewTemplate("test", "A template.")
	cfn.Add(c, "Thing", "A thing", resource)
	text := cfn.Unchecked(c)
	decoded, err := cfn.DecodeYAML(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	got := asData(t, decoded).(map[string]any)["Resources"].(map[string]any)["Thing"].(map[string]any)
	metadata := got["Metadata"].(map[string]any)
	delete(metadata, "Description")
	if len(metadata) == 0 {
		delete(got, "Metadata")
	}
	if diff := cmp.Diff(asData(t, resource), any(got)); diff != "" {
		t.Fatalf("data (-JSON +got):\n%s\n%s", diff, text)
	}
}

// asData is what encoding/json makes of a value.
func asData(t *testing.T, v any) (data any) {
	t.Helper()
	if err := json.Unmarshal(asJSON(t, v), &data); err != nil {
		t.Fatal(err)
	}
	return data
}

// filler sets fields to values of all kinds: nil, zero, empty and others.
type filler struct{ *rand.Rand }

func (f filler) text() string { return scalars[f.IntN(len(scalars))].value }

func (f filler) fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(f.text())
	case reflect.Bool:
		v.SetBool(f.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt([]int64{0, 1, -1, 443, 1 << 40, -1 << 52}[f.IntN(6)])
	case reflect.Float64:
		v.SetFloat([]float64{0, 1, -2.5, 1e-7, 1e22, 0.1}[f.IntN(6)])
	case reflect.Pointer:
		if f.IntN(3) > 0 && depth < 9 {
			v.Set(reflect.New(v.Type().Elem()))
			f.fill(v.Elem(), depth+1)
		}
	case reflect.Slice:
		if f.IntN(4) > 0 && depth < 9 {
			v.Set(reflect.MakeSlice(v.Type(), f.IntN(3), 3))
			for i := range v.Len() {
				f.fill(v.Index(i), depth+1)
			}
		}
	case reflect.Map:
		if f.IntN(4) > 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range f.IntN(3) {
				item := reflect.New(v.Type().Elem()).Elem()
				f.fill(item, depth+1)
				v.SetMapIndex(reflect.ValueOf(f.text()), item)
			}
		}
	case reflect.Interface:
		v.Set(reflect.ValueOf(f.anything(depth)))
	case reflect.Struct:
		for i := range v.NumField() {
			if f.mayFill(v.Type().Field(i), depth) {
				f.fill(v.Field(i), depth+1)
			}
		}
	}
}

// mayFill leaves alone what CloudFormation has no place for: the attributes of goformation's property structs.
func (f filler) mayFill(field reflect.StructField, depth int) bool {
	return field.IsExported() && f.IntN(3) > 0 && (depth == 0 || !strings.HasPrefix(field.Name, "AWSCloudFormation"))
}

// anything is a value for a field of type any.
func (f filler) anything(depth int) any {
	if depth > 6 {
		return f.text()
	}
	many := func() []any {
		var list []any
		for range 1 + f.IntN(3) {
			list = append(list, f.anything(depth+2))
		}
		return list
	}
	switch f.IntN(12) {
	case 0:
		return f.IntN(1000)
	case 1:
		return f.Float64() * 1e9
	case 2:
		return many()
	case 3:
		m := map[string]any{}
		for _, v := range many() {
			m[f.text()] = v
		}
		return m
	case 4:
		return []string{f.text()}
	case 5:
		return map[string]string{f.text(): f.text()}
	case 6:
		return []map[string]any{{f.text(): many()}, {}}
	case 7:
		return &statement{Effect: f.text(), Own: own{f.text()}, Pointed: pointed{f.IntN(3)}, Stamp: stamp(f.IntN(9)), Number: "1e3", Addresses: []netip.Addr{netip.IPv6Unspecified()}}
	case 8:
		return []statement{{inner: inner{Deep: f.text(), Effect: "hidden"}, Action: []string{}, Any: many(), When: time.Unix(int64(f.IntN(9)), 0).UTC()}}
	case 9:
		return json.RawMessage(`{"a": [1, 2.5, 12345678901234567, true, "<\u0001>"], "b": ` + string([]string{`"c"`, "{}", "-1E2"}[f.IntN(3)]) + "}")
	case 10:
		return f.IntN(2) == 0
	}
	return f.text()
}

// statement has what encoding/json treats in its own ways.
type statement struct {
	inner
	Effect    string
	Action    []string `json:"action,omitempty"`
	Any       any      `json:",omitempty"`
	Own       own
	Pointed   pointed
	Stamp     stamp
	Number    json.Number
	Addresses []netip.Addr `json:",omitempty"`
	When      time.Time    `json:",omitzero"`
	Zero      *int         `json:",omitempty"`
	Array     [0]int       `json:",omitempty"`
	Struct    struct{}     `json:",omitempty"`
	Skipped   func()       `json:"-"`
	unseen    chan int
}

type inner struct {
	Deep   string
	Effect string
}

// own has its own JSON form, stamp its own text.
type own struct{ text string }

func (o own) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"own": o.text, "n": 3})
}

// pointed has a JSON form where its address can be taken, as encoding/json has it.
type pointed struct{ Plain int }

func (p *pointed) MarshalJSON() ([]byte, error) { return json.Marshal(p.Plain + 1) }

type stamp int

func (s stamp) MarshalText() ([]byte, error) { return []byte(strings.Repeat("s", int(s))), nil }

// TestStatement keeps the fields of statement that encoding/json treats in its own ways from losing their point.
func TestStatement(t *testing.T) {
	got := asData(t, statement{inner: inner{"d", "hidden"}, unseen: make(chan int)})
	want := map[string]any{"Deep": "d", "Effect": "", "Own": map[string]any{"own": "", "n": 3.0}, "Pointed": map[string]any{"Plain": 0.0}, "Stamp": "", "Number": 0.0, "Struct": map[string]any{}}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
}
