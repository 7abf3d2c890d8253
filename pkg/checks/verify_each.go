package checks

import (
	"runtime"
	"sync"
)

// VerifyEach runs rules over several worlds, such as one platform root each, as many at a time as there are processors. The
// results are in the order of the worlds, and so is the error: the first world's that cannot be made. Each world is made
// and dropped by the one that judges it, so that a thousand services take the memory of a few platforms.
func VerifyEach(worlds []func() (*World, error), rules []Rule, exemptions ...Exemption) ([][]Result, error) {
	results, errs := make([][]Result, len(worlds)), make([]error, len(worlds))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				w, err := worlds[i]()
				if err != nil {
					errs[i] = err
					continue
				}
				results[i] = Verify(w, rules, exemptions...)
			}
		})
	}
	for i := range worlds {
		next <- i
	}
	close(next)
	workers.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return results, nil
}
