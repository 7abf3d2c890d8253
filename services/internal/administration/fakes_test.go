package administration

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/tierform/tierform/services/internal/secret"
)

var errKilled = errors.New("killed")

// process counts the calls of a run and ends it at one of them, before or after the call took effect.
type process struct {
	at, calls int
	after     bool
	dead      bool
	// between runs before each call and after the last one.
	between func(call int)
}

func (p *process) call(do func() error) error {
	if p.dead {
		return errKilled
	}
	if p.between != nil {
		p.between(p.calls)
	}
	p.calls++
	if p.calls == p.at && !p.after {
		p.dead = true
		return errKilled
	}
	err := do()
	if p.calls == p.at {
		p.dead = true
		return errKilled
	}
	return err
}

// fakeVersion is a version of the fake's secret.
type fakeVersion struct {
	value   *string
	created time.Time
	labels  []string
}

// fakeSecrets is one secret that treats staging labels as AWS documents it for PutSecretValue and
// UpdateSecretVersionStage: a label is at one version; AWSPREVIOUS follows AWSCURRENT; a label is only taken from the
// version that the caller names; a version without labels is gone.
type fakeSecrets struct {
	process  *process
	versions map[string]*fakeVersion
	// stored counts the versions, made the random passwords.
	stored, made int
	now          func() time.Time
}

func newSecrets(p *process, now func() time.Time, value string) *fakeSecrets {
	f := &fakeSecrets{process: p, versions: map[string]*fakeVersion{}, now: now}
	f.add(&value, secret.Current)
	return f
}

func (f *fakeSecrets) add(value *string, labels ...string) string {
	f.stored++
	id := fmt.Sprintf("version-%d", f.stored)
	f.versions[id] = &fakeVersion{value: value, created: f.now()}
	for _, l := range labels {
		f.move(l, id)
	}
	f.prune()
	return id
}

func (f *fakeSecrets) at(label string) string {
	for id, v := range f.versions {
		if slices.Contains(v.labels, label) {
			return id
		}
	}
	return ""
}

func (f *fakeSecrets) move(label, to string) {
	from := f.at(label)
	if from == to {
		return
	}
	if label == secret.Current && from != "" {
		f.move("AWSPREVIOUS", from)
	}
	if from != "" {
		v := f.versions[from]
		v.labels = slices.DeleteFunc(v.labels, func(l string) bool { return l == label })
	}
	f.versions[to].labels = append(f.versions[to].labels, label)
}

func (f *fakeSecrets) prune() {
	maps.DeleteFunc(f.versions, func(_ string, v *fakeVersion) bool { return len(v.labels) == 0 })
}

// password is what a service reads at a label.
func (f *fakeSecrets) password(label string) string {
	v := f.versions[f.at(label)]
	if v == nil {
		return ""
	}
	c, err := secret.Parse(aws.ToString(v.value))
	if err != nil {
		return ""
	}
	return c.Password.Reveal()
}

func (f *fakeSecrets) DescribeSecret(context.Context, *secretsmanager.DescribeSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.DescribeSecretOutput, error) {
	out := &secretsmanager.DescribeSecretOutput{VersionIdsToStages: map[string][]string{}}
	return out, f.process.call(func() error {
		for id, v := range f.versions {
			out.VersionIdsToStages[id] = slices.Clone(v.labels)
		}
		return nil
	})
}

func (f *fakeSecrets) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	out := &secretsmanager.GetSecretValueOutput{}
	return out, f.process.call(func() error {
		v := f.versions[aws.ToString(in.VersionId)]
		if v == nil || v.value == nil {
			return &types.ResourceNotFoundException{Message: aws.String("Secrets Manager can't find the specified secret value")}
		}
		out.SecretString, out.CreatedDate, out.VersionId = v.value, &v.created, in.VersionId
		return nil
	})
}

func (f *fakeSecrets) PutSecretValue(_ context.Context, in *secretsmanager.PutSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	out := &secretsmanager.PutSecretValueOutput{}
	return out, f.process.call(func() error {
		out.VersionId = aws.String(f.add(in.SecretString, in.VersionStages...))
		return nil
	})
}

func (f *fakeSecrets) UpdateSecretVersionStage(_ context.Context, in *secretsmanager.UpdateSecretVersionStageInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.UpdateSecretVersionStageOutput, error) {
	return &secretsmanager.UpdateSecretVersionStageOutput{}, f.process.call(func() error {
		to, from := aws.ToString(in.MoveToVersionId), aws.ToString(in.RemoveFromVersionId)
		if f.versions[to] == nil {
			return &types.ResourceNotFoundException{Message: aws.String("no version " + to)}
		}
		if at := f.at(*in.VersionStage); at != from && at != to {
			return &types.InvalidParameterException{Message: aws.String("The parameter RemoveFromVersionId can't be empty or another version")}
		}
		f.move(*in.VersionStage, to)
		f.prune()
		return nil
	})
}

func (f *fakeSecrets) GetRandomPassword(_ context.Context, in *secretsmanager.GetRandomPasswordInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetRandomPasswordOutput, error) {
	out := &secretsmanager.GetRandomPasswordOutput{}
	return out, f.process.call(func() error {
		f.made++
		out.RandomPassword = aws.String(fmt.Sprintf("random%0*d", *in.PasswordLength-6, f.made))
		return nil
	})
}

func TestFakeSecretsTreatLabelsAsAWSDoes(t *testing.T) {
	f := newSecrets(&process{}, time.Now, "first")
	put, err := f.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
		SecretString: aws.String("second"), VersionStages: []string{secret.Pending}})
	if err != nil || f.at(secret.Current) != "version-1" || f.at(secret.Pending) != *put.VersionId {
		t.Fatal("a pending version moves AWSCURRENT")
	}
	move := &secretsmanager.UpdateSecretVersionStageInput{VersionStage: aws.String(secret.Current), MoveToVersionId: put.VersionId}
	var refused *types.InvalidParameterException
	if _, err := f.UpdateSecretVersionStage(t.Context(), move); !errors.As(err, &refused) {
		t.Fatalf("AWSCURRENT can be moved without saying from where: %v", err)
	}
	move.RemoveFromVersionId = aws.String("version-1")
	if _, err := f.UpdateSecretVersionStage(t.Context(), move); err != nil {
		t.Fatal(err)
	}
	if f.at(secret.Current) != *put.VersionId || f.at("AWSPREVIOUS") != "version-1" || f.at(secret.Pending) != *put.VersionId {
		t.Errorf("labels: %v", f.versions)
	}
}
