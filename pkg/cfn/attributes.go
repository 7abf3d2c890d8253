package cfn

import (
	"maps"
	"reflect"
	"slices"
)

// attributes are what a resource carries beside its properties in goformation's AWSCloudFormation… fields.
type attributes struct {
	condition, deletionPolicy, updateReplacePolicy string
	dependsOn                                      []string
	metadata                                       map[string]any
	other                                          pairs // CreationPolicy, UpdatePolicy
}

// structOf is the struct behind a resource's properties; a resource without one has none.
func structOf(p Properties) reflect.Value {
	v := reflect.ValueOf(p)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return reflect.ValueOf(struct{}{})
	}
	return v
}

// attributesOf reads the attribute fields of a resource's struct.
func (b *builder) attributesOf(v reflect.Value) (a attributes) {
	for _, hidden := range b.plans.of(v.Type()).hidden {
		f := hidden.path.of(v)
		if f.IsZero() {
			continue
		}
		switch hidden.name {
		case "Condition":
			a.condition = f.String()
		case "DeletionPolicy":
			a.deletionPolicy = f.String()
		case "UpdateReplacePolicy":
			a.updateReplacePolicy = f.String()
		case "DependsOn":
			a.dependsOn = f.Interface().([]string)
		case "Metadata":
			a.metadata = f.Interface().(map[string]any)
		default:
			a.other = append(a.other, pair{hidden.name, f.Interface()})
		}
	}
	return a
}

// metadata writes further metadata after the sentence, sorted by key.
func (b *builder) metadata(parent int32, have map[string]any) {
	if len(have) == 0 {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(have)) {
		if key == "Description" {
			b.fault(parent, key, LostAttribute, key, "the sentence given to Add is the description")
			continue
		}
		b.entry(parent, key, reflect.ValueOf(have[key]))
	}
}

func (b *builder) rawProperties(parent int32, raw *Raw) {
	for _, key := range slices.Sorted(maps.Keys(raw.Properties)) {
		b.entry(parent, key, reflect.ValueOf(raw.Properties[key]))
	}
}
