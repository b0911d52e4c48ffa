// Package queue has workers take steps with what is due, on this machine and on
// all others that share the database.
//
// Invariants: a job only says that a changeset may be due; what is to be done is
// found out by the step. A job that is lost, or is done twice, changes nothing:
// what is due stays so until a step was stored.
package queue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/drydock-dev/drydock/internal/campaign/meter"
	"github.com/drydock-dev/drydock/internal/campaign/reconcile"
	"github.com/drydock-dev/drydock/internal/campaign/store"
)

// A Look is the job of taking a step with a changeset, under a claim.
type Look struct {
	Campaign   string `json:"campaign"`
	Repository string `json:"repository"`
	Claim      string `json:"claim"`
}

// Kind is what River calls the job.
func (Look) Kind() string { return "look" }

// Options say how a queue works.
type Options struct {
	Workers int // that take steps at the same time; 0: this process only looks at the queue
	// Grace is how long the steps at hand may take to end, before they are cut off;
	// 0: DefaultGrace.
	Grace  time.Duration
	Logger *slog.Logger
}

// DefaultGrace is enough for a step that builds nothing.
const DefaultGrace = 30 * time.Second

const (
	jobTimeout = 2 * time.Hour          // of a step, which may build
	sweepEvery = 250 * time.Millisecond // that changesets become due
)

// A Queue is the jobs in a database, and the workers of this process.
type Queue struct {
	store   *store.Store
	step    func(context.Context, store.Claim) error
	workers int
	grace   time.Duration
	name    string // of this process, in claims
	client  client
	stepped chan struct{} // has something when a step was taken
	works   atomic.Bool   // its workers run
}

// client is what both River clients can do.
type client interface {
	InsertMany(context.Context, []river.InsertManyParams) ([]*rivertype.JobInsertResult, error)
	Start(context.Context) error
	Stop(context.Context) error
	StopAndCancel(context.Context) error
}

// New makes a queue in the database of a store, with the tables that it needs. step
// takes one step with a changeset, as reconcile.Reconciler.Step does.
func New(ctx context.Context, s *store.Store, step func(context.Context, store.Claim) error, o Options) (*Queue, error) {
	q := &Queue{store: s, step: step, workers: o.Workers, grace: cmp.Or(o.Grace, DefaultGrace), name: Process(), stepped: make(chan struct{}, 1)}
	config := &river.Config{
		FetchCooldown: 10 * time.Millisecond, FetchPollInterval: 200 * time.Millisecond,
		JobTimeout: jobTimeout, RescueStuckJobsAfter: 2 * jobTimeout, MaxAttempts: 1, Logger: o.Logger,
	}
	if o.Logger == nil {
		config.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if o.Workers > 0 {
		config.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: o.Workers}}
		config.Workers = river.NewWorkers()
		river.AddWorker(config.Workers, &worker{queue: q})
	}
	var err error
	if s.Pool() != nil {
		q.client, err = openPostgres(ctx, s, config)
	} else {
		q.client, err = openSQLite(ctx, s, config)
	}
	if err != nil {
		return nil, fmt.Errorf("queue in %s: %w", s.Name(), err)
	}
	return q, nil
}

// A worker takes the steps of jobs.
type worker struct {
	river.WorkerDefaults[Look]
	queue *Queue
}

func (w *worker) Work(ctx context.Context, job *river.Job[Look]) error {
	claim := store.Claim{Key: store.Key{Campaign: job.Args.Campaign, Repository: job.Args.Repository}, ID: job.Args.Claim}
	defer w.queue.signal()
	err := w.queue.renewing(ctx, claim, func(ctx context.Context) error { return w.queue.step(ctx, claim) })
	var over *meter.OverBudget
	if errors.As(err, &over) {
		return river.JobSnooze(over.Wait)
	}
	return err
}

// renewing keeps a claim while do runs.
func (q *Queue) renewing(ctx context.Context, claim store.Claim, do func(context.Context) error) error {
	if err := q.store.Renew(ctx, claim, q.name, reconcile.Lasting); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var renewer sync.WaitGroup
	defer renewer.Wait()
	defer cancel()
	renewer.Go(func() {
		ticker := time.NewTicker(reconcile.Lasting / 3)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				// Without a claim the step is not stored, and taken again.
				_ = q.store.Renew(ctx, claim, q.name, reconcile.Lasting)
			}
		}
	})
	return do(ctx)
}

func (q *Queue) signal() {
	select {
	case q.stepped <- struct{}{}:
	default:
	}
}

// Sweep makes jobs of what is due in a campaign or in AllCampaigns, as far as this
// process has workers for it.
func (q *Queue) Sweep(ctx context.Context, campaign string) error {
	claims, err := q.store.ClaimDue(ctx, campaign, q.name, 2*q.workers, reconcile.Lasting)
	if err != nil || len(claims) == 0 {
		return err
	}
	jobs := make([]river.InsertManyParams, len(claims))
	for i, c := range claims {
		jobs[i].Args = Look{Campaign: c.Campaign, Repository: c.Repository, Claim: c.ID}
	}
	_, err = q.client.InsertMany(ctx, jobs)
	return err
}

// Run works until the context ends, and then lets the steps at hand end. each is
// called about every second, for what is due by the clock alone.
func (q *Queue) Run(ctx context.Context, each func(context.Context) error) error {
	return q.working(ctx, func() error {
		var next time.Time
		for {
			if now := time.Now(); now.After(next) && each != nil {
				next = now.Add(time.Second)
				if err := each(ctx); err != nil {
					return err
				}
			}
			if err := q.Sweep(ctx, store.AllCampaigns); err != nil {
				return err
			}
			if !q.pause(ctx) {
				return nil
			}
		}
	})
}

// Drain works until nothing of a campaign is due any more, and what is left waits
// for a time to come.
func (q *Queue) Drain(ctx context.Context, campaign string) error {
	return q.working(ctx, func() error {
		for {
			if err := q.Sweep(ctx, campaign); err != nil {
				return err
			}
			busy, err := q.store.Busy(ctx, campaign)
			if err != nil {
				return err
			}
			next, err := q.store.NextDue(ctx, campaign)
			if err != nil {
				return err
			}
			if busy == 0 && (next.IsZero() || next.After(q.store.Now())) {
				return nil
			}
			if !q.pause(ctx) {
				return ctx.Err()
			}
		}
	})
}

// pause waits until a step was taken or a while has passed. It reports whether to
// go on.
func (q *Queue) pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-q.stepped:
	case <-time.After(sweepEvery):
	}
	return ctx.Err() == nil
}

// Working says that the workers of this process do not run, if that is so.
func (q *Queue) Working() error {
	if !q.works.Load() {
		return errors.New("the queue's workers do not run")
	}
	return nil
}

// cutOff is how long the steps at hand may take to notice that they are cut off.
const cutOff = 10 * time.Second

// working runs do while the workers work.
func (q *Queue) working(ctx context.Context, do func() error) error {
	// The client's context is not the caller's: steps at hand are let to end.
	if err := q.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	q.works.Store(true)
	err := do()
	q.works.Store(false)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), q.grace)
	defer cancel()
	if stopped := q.client.Stop(stop); stopped != nil {
		now, cancel := context.WithTimeout(context.WithoutCancel(ctx), cutOff)
		defer cancel()
		err = errors.Join(err, q.client.StopAndCancel(now))
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}
