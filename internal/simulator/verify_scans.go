package simulator

// describeScan tells what the scan of an image came to, which somebody may have said (Amazon ECR API reference, DescribeImageScanFindings).
func (s *Simulator) describeScan(c *call) (any, error) {
	r, err := s.repository(c)
	if err != nil {
		return nil, err
	}
	id, _ := c.body["imageId"].(map[string]any)
	status, said := s.tampered[r.name][textOf(id["imageDigest"])]
	switch {
	case !said:
		return s.describeImageScanFindings(c)
	case status == "absent":
		return nil, refuse("ImageNotFoundException", "The image with imageId {imageDigest:'%s'} does not exist within the repository with name '%s'", textOf(id["imageDigest"]), r.name)
	case status == "never":
		return nil, refuse("ScanNotFoundException", "Image scan does not exist for the image with '%s'", textOf(id["imageDigest"]))
	}
	return map[string]any{"registryId": s.options.Account, "repositoryName": r.name, "imageId": id, "imageScanStatus": map[string]any{"status": status}}, nil
}

// SetScan says what the scan of an image comes to: a status, never, or absent for an image that is not there.
func (s *Simulator) SetScan(repository, digest, status string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.tampered[repository] == nil {
		s.tampered[repository] = map[string]string{}
	}
	s.tampered[repository][digest] = status
}
