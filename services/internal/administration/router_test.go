package administration

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// secretsByARN routes calls to the fake of each secret.
type secretsByARN map[string]*fakeSecrets

func (r secretsByARN) DescribeSecret(ctx context.Context, in *secretsmanager.DescribeSecretInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.DescribeSecretOutput, error) {
	return r[aws.ToString(in.SecretId)].DescribeSecret(ctx, in)
}

func (r secretsByARN) GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	return r[aws.ToString(in.SecretId)].GetSecretValue(ctx, in)
}

func (r secretsByARN) PutSecretValue(ctx context.Context, in *secretsmanager.PutSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	return r[aws.ToString(in.SecretId)].PutSecretValue(ctx, in)
}

func (r secretsByARN) UpdateSecretVersionStage(ctx context.Context, in *secretsmanager.UpdateSecretVersionStageInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.UpdateSecretVersionStageOutput, error) {
	return r[aws.ToString(in.SecretId)].UpdateSecretVersionStage(ctx, in)
}

// GetRandomPassword belongs to no secret; any of them makes one.
func (r secretsByARN) GetRandomPassword(ctx context.Context, in *secretsmanager.GetRandomPasswordInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetRandomPasswordOutput, error) {
	return r[payments.SecretARN].GetRandomPassword(ctx, in)
}
