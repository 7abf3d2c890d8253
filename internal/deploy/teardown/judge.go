package teardown

import (
	"slices"
	"strings"
)

// A Thing is something that carries the environment's tag.
type Thing struct {
	ARN  string
	Tags map[string]string
}

// A Verdict says what to think of a thing that still carries the environment's tag after the stacks are gone.
type Verdict string

// Verdicts.
const (
	// Left is a thing that exists and should not.
	Left Verdict = "left"
	// Lagging was deleted by CloudFormation; the Tagging API names deleted things for a while ("tagged or previously tagged resources").
	Lagging Verdict = "lagging"
	// Kept stays on purpose.
	Kept Verdict = "kept"
	// Waiting is a key of AWS KMS: all wait for 7 to 30 days before they go.
	Waiting Verdict = "waiting"
	// Foreign is somebody else's: another stack has it, or no stack and its name does not end in the environment's suffix.
	Foreign Verdict = "foreign"
)

// stackTag is the tag that CloudFormation puts on what it makes (User Guide, "Resource tags").
const (
	stackTag   = "aws:cloudformation:stack-name"
	stackIDTag = "aws:cloudformation:stack-id"
	logicalTag = "aws:cloudformation:logical-id"
)

// An Environment is what a judgement goes by.
type Environment struct {
	// Suffix is the environment's, Stacks are the names of its root stacks.
	Suffix string
	Stacks []string
	// Resources are all that its stacks have and had.
	Resources []Resource
}

// Judge tells what to think of a thing, and which resource it was if a stack had it.
func (e Environment) Judge(t Thing) (Verdict, Resource) {
	verdict, resource := e.known(t)
	if verdict != "" {
		return verdict, resource
	}
	owner, owned := t.Tags[stackTag]
	switch {
	case owned && !e.owns(owner), !owned && !e.named(t.ARN):
		return Foreign, Resource{}
	case strings.Contains(t.ARN, ":kms:"):
		return Waiting, Resource{ID: t.ARN}
	}
	return Left, Resource{}
}

// known judges by the resource that the thing is; what exists outweighs an earlier one of the same name that is gone.
func (e Environment) known(t Thing) (Verdict, Resource) {
	verdict, found := Verdict(""), Resource{}
	for _, r := range e.Resources {
		if !r.is(t) {
			continue
		}
		switch {
		case r.Kept != "" || r.Status == "DELETE_SKIPPED":
			return Kept, r
		case r.Gone() && r.Type == keyType:
			verdict, found = Waiting, r
		case r.Gone():
			verdict, found = Lagging, r
		default:
			return Left, r
		}
	}
	return verdict, found
}

// is tells whether a thing is the resource: by its physical ID or, for types whose ARN does not end in it, by CloudFormation's tags.
func (r Resource) is(t Thing) bool {
	return r.Names(t.ARN) || t.Tags[logicalTag] == r.LogicalID && t.Tags[stackIDTag] == r.Stack && r.Stack != "" && slices.Contains(otherwiseNamed(), r.Type)
}

// Names tells whether an ARN ends in the resource's physical ID.
func (r Resource) Names(arn string) bool {
	arn = strings.TrimSuffix(arn, ":*") // log groups
	return r.ID != "" && (arn == r.ID || strings.HasSuffix(arn, ":"+r.ID) || strings.HasSuffix(arn, "/"+r.ID))
}

// otherwiseNamed are types whose ARN does not end in what Ref returns for them (Template reference, "Return values" of each).
func otherwiseNamed() []string {
	return []string{"AWS::EC2::EIP", "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::WAFv2::WebACL", clusterType, instanceType}
}

// owns tells whether a stack is one of the environment's, or nested in one: platform-dev-NetworkStack-1A2B is of dev, and platform-dev-2
// is not, for suffixes have no capital letters.
func (e Environment) owns(stack string) bool {
	return slices.ContainsFunc(e.Stacks, func(root string) bool {
		nested, is := strings.CutPrefix(stack, root+"-")
		logicalID, _, _ := strings.Cut(nested, "-")
		return stack == root || is && strings.ToLower(logicalID) != logicalID
	})
}

// named tells whether an ARN has a name in it that ends in the environment's suffix, as all our names do, or that begins with one of its
// stacks', as names do that CloudFormation makes.
func (e Environment) named(arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	for name := range strings.FieldsFuncSeq(parts[len(parts)-1], func(c rune) bool { return c == '/' || c == ':' }) {
		if strings.HasSuffix(name, "-"+e.Suffix) || e.owns(name) {
			return true
		}
	}
	return false
}

// TypeOf is service and kind of an ARN, for a person to read.
func TypeOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return "unknown"
	}
	kind, _, typed := strings.Cut(strings.ReplaceAll(parts[5], ":", "/"), "/")
	if !typed {
		return parts[2] // buckets and topics
	}
	return parts[2] + ":" + kind
}
