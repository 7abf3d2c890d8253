package cloud_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/cloud"
)

func TestDenials(t *testing.T) {
	const me = "arn:aws:sts::111122223333:assumed-role/deployer/me"
	denied := func(message string) error { return &smithy.GenericAPIError{Code: "AccessDenied", Message: message} }
	call := func(err error) error {
		return &smithy.OperationError{ServiceID: "CloudFormation", OperationName: "DescribeStacks", Err: err}
	}
	for name, tc := range map[string]struct {
		err  error
		want []string
	}{
		"nothing":            {nil, nil},
		"another error":      {errors.New("no"), nil},
		"another of AWS":     {call(&smithy.GenericAPIError{Code: "ValidationError"}), nil},
		"one without a call": {&smithy.GenericAPIError{Code: "ValidationError"}, nil},
		"missing": {fmt.Errorf("read stack: %w", call(denied("User: arn:aws:iam::1:user/Ann is not authorized to perform: cloudformation:DescribeStacks on resource: arn:aws:cloudformation:us-east-1:1:stack/a/* because no identity-based policy allows the cloudformation:DescribeStacks action"))),
			[]string{"arn:aws:iam::1:user/Ann may not call cloudformation:DescribeStacks on arn:aws:cloudformation:us-east-1:1:stack/a/*: no identity-based policy allows it"}},
		"explicit": {call(denied("User: arn:aws:iam::1:user/Ann is not authorized to perform: ecs:ListClusters on resource: * with an explicit deny in a service control policy: arn:aws:organizations::1:policy/p")),
			[]string{"arn:aws:iam::1:user/Ann may not call ecs:ListClusters: an explicit deny in a service control policy: arn:aws:organizations::1:policy/p"}},
		"no resource": {call(denied("User: arn:aws:iam::1:user/Ann is not authorized to perform: ecs:ListClusters because no session policy allows the ecs:ListClusters action")),
			[]string{"arn:aws:iam::1:user/Ann may not call ecs:ListClusters: no session policy allows it"}},
		"no reason":  {call(denied("User: arn:aws:iam::1:user/Ann is not authorized to perform: ecs:ListClusters")), []string{"arn:aws:iam::1:user/Ann may not call ecs:ListClusters"}},
		"S3":         {call(denied("Access Denied")), []string{me + " may not call CloudFormation DescribeStacks"}},
		"signed":     {denied("no"), []string{me + " may not call this operation"}},
		"two of two": {errors.Join(call(denied("a")), errors.New("b"), fmt.Errorf("c: %w", denied("d"))), []string{me + " may not call CloudFormation DescribeStacks", me + " may not call this operation"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, d := range cloud.Denials(tc.err) {
				got = append(got, d.Words(me))
				if !errors.Is(tc.err, d.Err) {
					t.Errorf("%v is no part of the error", d.Err)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
