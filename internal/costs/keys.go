package costs

import "github.com/tierform/tierform/pkg/checks"

// key is paid for itself and for its first two rotations, and by request.
func (r *reckoning) key(key *checks.Resource) {
	versions := 1.0
	if key.At("EnableKeyRotation").True() {
		versions += r.usage.of("key_rotations")
	}
	r.fixed(key, "key", versions)
	r.variable(key, "key-requests", r.usage.of("key_requests")*r.share(key))
}

// secret is paid for itself and each copy in another region, and by request.
func (r *reckoning) secret(secret *checks.Resource) {
	r.fixed(secret, "secret", 1+float64(len(secret.At("ReplicaRegions").List())))
	r.variable(secret, "secret-requests", r.usage.of("secret_requests")*r.share(secret))
}

// repository is paid for its images and, where the account uses enhanced scanning, for scanning them.
func (r *reckoning) repository(repository *checks.Resource) {
	r.variable(repository, "image-storage", r.usage.of("registry_gb")*r.share(repository))
	r.variable(repository, "image-scan", r.usage.of("image_scans")*r.share(repository))
	r.variable(repository, "image-rescan", r.usage.of("image_rescans")*r.share(repository))
}
