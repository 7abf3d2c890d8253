package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/tierform/tierform/internal/deploy/cloud"
	"github.com/tierform/tierform/internal/deploy/fault"
)

// Durations of locks. Whether one expired is told by S3's clock alone: the time of its writing and the Date of the answer, so that the
// machines' clocks need not agree. Where an endpoint tells no Date, they have to, within minutes; and lockFor must be the same in all
// versions of the command.
const (
	// lockFor is how long a lock holds without being renewed: longer than any pause between two calls, shorter than a person's patience.
	lockFor = 15 * time.Minute
	// askEvery is how often a lock that is waited for is asked about.
	askEvery = 5 * time.Second
)

// A Holder is who holds the lock of an environment, for what and until when.
type Holder struct {
	// ID is the run's own, unique among all; Owner the caller's ARN, or what the pipeline says of itself.
	ID      string `json:"id"`
	Owner   string `json:"owner"`
	Command string `json:"command"`
	// Since and Expires are by the holder's clock, for people to read.
	Since   time.Time `json:"since"`
	Expires time.Time `json:"expires"`
}

// A Lock is a lock that this run holds.
type Lock struct {
	bucket *Bucket
	holder Holder
	tag    *string
	// written is when it was last written, by our clock.
	written time.Time
}

// held is a lock as it was found.
type held struct {
	Holder
	tag *string
	// left is for how long it still holds.
	left time.Duration
}

func (b *Bucket) lockKey() string { return "env/" + b.environment + "/lock.json" }

// Lock takes the environment's lock; it takes over one that expired. For as long as wait says it asks again every five seconds.
// An error of code Busy names who holds it.
func (b *Bucket) Lock(ctx context.Context, holder Holder, wait time.Duration) (*Lock, error) {
	for deadline := b.clock.Now().Add(wait); ; {
		lock, other, err := b.tryLock(ctx, holder)
		if lock != nil || err != nil {
			return lock, err
		}
		if !b.clock.Now().Before(deadline) {
			return nil, b.busy(other)
		}
		if err := b.clock.Sleep(ctx, askEvery); err != nil {
			return nil, err
		}
	}
}

// tryLock takes the lock, or tells who else holds it.
func (b *Bucket) tryLock(ctx context.Context, holder Holder) (lock *Lock, other *held, err error) {
	now := b.clock.Now()
	holder.Since, holder.Expires = now.UTC(), now.Add(lockFor).UTC()
	for range attempts { // each means that somebody else was faster, or that an answer was lost
		var replaces *string
		if other != nil {
			replaces = other.tag
		}
		tag, err := b.writeLock(ctx, holder, replaces)
		switch {
		case err == nil:
			return &Lock{b, holder, tag, now}, nil, nil
		case !cloud.Taken(err) && cloud.ErrorCode(err) != noSuchKey:
			return nil, nil, b.explain(err, "take the lock")
		}
		if other, err = b.readLock(ctx); err != nil {
			return nil, nil, err
		}
		switch {
		case other == nil: // given back in the meantime
		case other.ID == holder.ID: // our own: the answer was lost
			return &Lock{b, other.Holder, other.tag, now}, nil, nil
		case other.left > 0:
			return nil, other, nil
		}
	}
	return nil, other, nil
}

// noSuchKey is what a write that replaces gets when the object is gone.
const noSuchKey = "NoSuchKey"

func (b *Bucket) writeLock(ctx context.Context, holder Holder, replaces *string, options ...func(*s3.Options)) (*string, error) {
	body, _ := json.Marshal(holder) // of texts and times: cannot fail
	return b.put(ctx, b.lockKey(), "application/json", body, replaces, options...)
}

// readLock tells who holds the lock; nil when nobody does.
func (b *Bucket) readLock(ctx context.Context, options ...func(*s3.Options)) (*held, error) {
	o, err := b.get(ctx, b.lockKey(), options...)
	if err != nil || o == nil {
		return nil, b.explain(err, "read the lock")
	}
	h := &held{tag: o.tag}
	if err := json.Unmarshal(o.body, &h.Holder); err != nil {
		h.Holder = Holder{Owner: "unreadable: " + err.Error()}
	}
	h.left = lockFor - o.now.Sub(o.written)
	if o.written.IsZero() { // an endpoint that does not say
		h.left = h.Expires.Sub(o.now)
	}
	return h, nil
}

// Holder tells who holds the lock of the environment; false when nobody does, or did until it expired.
func (b *Bucket) Holder(ctx context.Context) (Holder, bool, error) {
	h, err := b.readLock(ctx)
	if err != nil || h == nil {
		return Holder{}, false, err
	}
	return h.Holder, h.left > 0, nil
}

// Renew holds the lock for another while, when half of the time is over. An error of code Busy says that it is lost: somebody broke it or
// took it over, or it expired because it could not be renewed. Other failures are no error: there is time to try again.
func (l *Lock) Renew(ctx context.Context) error {
	if l.bucket.clock.Now().Sub(l.written) < lockFor/2 {
		return nil
	}
	return l.hold(ctx, func(o *s3.Options) { o.RetryMaxAttempts = 1 }) // the caller comes again in a second
}

// Hold holds the lock for another while, whatever is left of this one, and so tells for sure whether it still is this run's. It fails as
// Renew does. One that expired and that nobody took since is held again: nobody worked under it meanwhile.
func (l *Lock) Hold(ctx context.Context) error { return l.hold(ctx) }

func (l *Lock) hold(ctx context.Context, options ...func(*s3.Options)) error {
	now := l.bucket.clock.Now()
	since := now.Sub(l.written)
	next := l.holder
	next.Expires = now.Add(lockFor).UTC()
	tag, err := l.bucket.writeLock(ctx, next, l.tag, options...)
	if cloud.Taken(err) || cloud.ErrorCode(err) == noSuchKey {
		other, unread := l.bucket.readLock(ctx, options...)
		switch {
		case unread != nil:
			err = unread
		case other == nil:
			return l.lost(": somebody broke it, or took it over and gave it back", nil)
		case other.ID != l.holder.ID:
			return l.lost(fmt.Sprintf(": %s holds it, who runs %s since %s", other.Owner, other.Command, other.Since.Format(time.RFC3339)), nil)
		default: // our own: the answer was lost
			tag, err = other.tag, nil
		}
	}
	if err == nil {
		l.holder, l.tag, l.written = next, tag, now
		return nil
	}
	if since < lockFor {
		return nil
	}
	return l.lost("", err)
}

// lost says that the lock is not this run's any more, and where it is known, whose.
func (l *Lock) lost(whose string, err error) error {
	return &fault.Error{Code: fault.Busy, What: "the lock of " + l.bucket.environment + " was lost" + whose, Err: err,
		Do: "nothing new is begun without it; deploy watch -e " + l.bucket.environment + " follows what runs"}
}

// Release gives the lock back. One that somebody took over is left alone.
func (l *Lock) Release(ctx context.Context) error {
	done, err := l.bucket.unlock(ctx, l.tag)
	if err != nil || done {
		return err
	}
	other, err := l.bucket.readLock(ctx)
	if err == nil && other != nil && other.ID == l.holder.ID { // ours: the answer to its renewal was lost
		_, err = l.bucket.unlock(ctx, other.tag)
	}
	return err
}

// unlock deletes the very lock that a tag names, and tells whether it did; no lock at all is as good.
func (b *Bucket) unlock(ctx context.Context, tag *string) (bool, error) {
	key := b.lockKey()
	_, err := b.api.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &key, IfMatch: tag, ExpectedBucketOwner: &b.owner})
	if cloud.Taken(err) {
		return false, nil
	}
	if cloud.Missing(err) && cloud.ErrorCode(err) != noSuchBucket {
		return true, nil
	}
	return true, b.explain(err, "give back the lock")
}

// Unlock removes a lock: one that expired, or any when forced. It tells whose it was; an error of code Busy keeps one that holds.
func (b *Bucket) Unlock(ctx context.Context, force bool) (Holder, bool, error) {
	h, err := b.readLock(ctx)
	if err != nil || h == nil {
		return Holder{}, false, err
	}
	if !force && h.left > 0 {
		return h.Holder, true, b.busy(h)
	}
	done, err := b.unlock(ctx, h.tag)
	if err == nil && !done {
		err = &fault.Error{Code: fault.Busy, What: "the lock of " + b.environment + " was renewed or changed hands meanwhile", Do: "look again: deploy status -e " + b.environment}
	}
	return h.Holder, true, err
}

// busy says who holds the lock and what to do.
func (b *Bucket) busy(h *held) error {
	e := &fault.Error{Code: fault.Busy, What: b.environment + " is locked, by one after the other",
		Do: fmt.Sprintf("wait (--wait-lock 10m), follow it (deploy watch -e %s), or, if that run is dead, deploy unlock -e %s --force", b.environment, b.environment)}
	if h != nil {
		e.What = fmt.Sprintf("%s is locked by %s, who runs %s since %s; the lock expires in %s unless renewed", b.environment, h.Owner, h.Command, h.Since.Format(time.RFC3339), max(h.left, 0).Round(time.Second))
	}
	return e
}
