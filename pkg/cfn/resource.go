package cfn

// Properties is a resource's properties: a pointer to one of goformation's resource structs, or a [Raw].
type Properties interface {
	// AWSCloudFormationType is the resource type, such as AWS::EC2::VPC.
	AWSCloudFormationType() string
}

// Raw is a resource of a type or with properties that goformation does not have. It goes through the same checks.
type Raw struct {
	// Type is the resource type, such as AWS::ECR::RegistryScanningConfiguration.
	Type string
	// Properties are written in the order of their sorted keys.
	Properties map[string]any

	// Attributes, named as goformation names them.
	AWSCloudFormationDeletionPolicy      string         `json:"-"`
	AWSCloudFormationUpdateReplacePolicy string         `json:"-"`
	AWSCloudFormationMetadata            map[string]any `json:"-"`
}

// AWSCloudFormationType returns the type.
func (r *Raw) AWSCloudFormationType() string { return r.Type }

// Resource is a declared resource with properties of type P. Ref and Att give references to it.
type Resource[P Properties] struct{ *entry }

// Dependency is what a resource can be made to wait for: any Resource.
type Dependency interface{ dependency() *entry }

// entry is a resource as the template keeps it.
type entry struct {
	template   *Template
	logicalID  string
	is         string
	properties Properties
	condition  *Condition
	dependsOn  []*entry
	patches    []patch
}

type patch struct {
	path  string
	value any
}

// Add declares a resource under a logical ID, of letters and digits: its role, then its type, no environment and no
// index. The sentence says what it is; progress displays, reviews and documents show it.
//
// DependsOn, Condition, Metadata and the policies that properties already carries in goformation's AWSCloudFormation…
// fields are kept.
func Add[P Properties](t *Template, logicalID, is string, properties P) Resource[P] {
	t.declare(logicalID, declaration{resourceType: properties.AWSCloudFormationType()})
	if is == "" {
		t.fault(Problem{Kind: MissingDescription, LogicalID: logicalID,
			Message: "resource has no sentence saying what it is", Allowed: "one sentence"})
	}
	e := &entry{template: t, logicalID: logicalID, is: is, properties: properties}
	t.resources = append(t.resources, e)
	return Resource[P]{e}
}

func (e *entry) dependency() *entry { return e }

// LogicalID is the resource's name within its template.
func (e *entry) LogicalID() string { return e.logicalID }

// Ref is the reference that the resource type documents for Ref.
func (e *entry) Ref() string { return token(tokenRef, e.template.name, e.logicalID) }

// Att is Fn::GetAtt of an attribute, such as Arn or Endpoint.Address; the compiler checks that the type has it.
func (e *entry) Att(attribute string) string {
	return token(tokenAtt, e.template.name, e.logicalID, attribute)
}

// DependsOn makes the resource wait for others of the same template that it does not refer to.
func (e *entry) DependsOn(others ...Dependency) {
	for _, other := range others {
		e.dependsOn = append(e.dependsOn, other.dependency())
	}
}

// When creates the resource only if the condition holds.
func (e *entry) When(c Condition) { e.condition = &c }

// Patch sets what goformation's struct cannot hold: a newer property, or an intrinsic in a boolean or struct field. The
// path starts below Properties: "EnableExecuteCommand", "ContainerDefinitions[Name=app].VersionConsistency", "Tags[0]".
// Values may be anything that a property may be, IfValue included. The schema check sees the result.
func (e *entry) Patch(path string, value any) {
	e.patches = append(e.patches, patch{path: path, value: value})
}
