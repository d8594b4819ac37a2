package io.github.elegans.networks.training;

import io.github.elegans.networks.training.TrainableCell.Dropout;
import io.github.elegans.threads.ThreadTeam;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of a batch, leaf by leaf, by a team of threads: a thread takes the next leaf that
 * nobody has taken.
 */
final class BatchGradient implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  private final TrainableModel model;
  private final GradientSum sum;
  private final ThreadTeam team;
  private final List<LeafRun> runs = new ArrayList<>();
  private final AtomicInteger next = new AtomicInteger();
  private final ThreadTeam.Task task = this::serve;
  private int leaves;
  private int firstLeaf;
  private @Nullable Work work;
  private @Nullable Visit visit;

  /** What is done with a leaf, without a gradient. */
  interface Visit {
    /** Does it in a member of the team. */
    void leaf(int member, int leaf);
  }

  /** What is done with a leaf. */
  interface Work {
    /**
     * Loads the leaf, goes forward and back.
     *
     * @param member whose run may be used: {@link #run}
     * @param leaf its number in the batch
     * @param gradient zeros, to which the leaf's gradient is to be added
     */
    void leaf(int member, int leaf, ParameterBlock gradient);
  }

  BatchGradient(TrainableModel model, int threads, @Nullable Dropout dropout) {
    this.model = model;
    sum = new GradientSum(model);
    team = new ThreadTeam(threads);
    for (int i = 0; i < threads; i++) {
      runs.add(model.run(dropout));
    }
  }

  /** Adds the gradients of that many more leaves to those that there are. */
  void add(int n, Work newWork) {
    leaves = n;
    work = newWork;
    next.set(0);
    try {
      team.run(task);
    } finally {
      work = null;
    }
    firstLeaf += n;
  }

  /** Visits that many leaves. */
  void each(int n, Visit newVisit) {
    leaves = n;
    visit = newVisit;
    next.set(0);
    try {
      team.run(task);
    } finally {
      visit = null;
    }
  }

  /** Ends the threads when their owner is forgotten without having been closed. */
  void endWith(Object owner) {
    CLEANER.register(owner, team::close);
  }

  /** A member's own run. */
  LeafRun run(int member) {
    return runs.get(member);
  }

  private void serve(int member) {
    Work toAdd = work;
    Visit toVisit = visit;
    for (int leaf = next.getAndIncrement(); leaf < leaves; leaf = next.getAndIncrement()) {
      if (toAdd != null) {
        ParameterBlock gradient = sum.begin();
        toAdd.leaf(member, leaf, gradient);
        sum.add(firstLeaf + leaf, gradient);
      }
      if (toVisit != null) {
        toVisit.leaf(member, leaf);
      }
    }
  }

  /** The gradient of all leaves since {@link #clear}. */
  void total(ParameterBlock to) {
    sum.total(to);
    model.finish(to);
  }

  /** Forgets all leaves. */
  void clear() {
    sum.clear();
    firstLeaf = 0;
  }

  int threads() {
    return runs.size();
  }

  @Override
  public void close() {
    team.close();
  }
}
