package io.github.elegans.threads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ThreadTeamTest {
  private static final int ROUNDS = 200;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void everyMemberWorksOncePerTask(int members) {
    try (ThreadTeam team = new ThreadTeam(members)) {
      assertThat(team.size()).isEqualTo(members);
      AtomicIntegerArray calls = new AtomicIntegerArray(members);
      for (int i = 0; i < ROUNDS; i++) {
        team.run(calls::incrementAndGet);
      }
      for (int member = 0; member < members; member++) {
        assertThat(calls.get(member)).isEqualTo(ROUNDS);
      }
    }
  }

  @Test
  void theCallerIsMemberZero() {
    try (ThreadTeam team = new ThreadTeam(3)) {
      Thread[] threads = new Thread[3];
      team.run(member -> threads[member] = Thread.currentThread());
      assertThat(threads[0]).isSameAs(Thread.currentThread());
      assertThat(threads).doesNotContainNull().doesNotHaveDuplicates();
    }
  }

  @Test
  void whatMembersWroteIsSeenAfterTheTask() {
    try (ThreadTeam team = new ThreadTeam(4)) {
      int[] plain = new int[4];
      for (int round = 1; round <= ROUNDS; round++) {
        int value = round;
        team.run(member -> plain[member] = value);
        assertThat(Arrays.stream(plain).sum()).isEqualTo(4 * round);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void nobodyPassesABarrierBeforeAllHaveCome(int members) {
    int steps = 100;
    int[][] values = new int[steps][members];
    AtomicInteger errors = new AtomicInteger();
    try (ThreadTeam team = new ThreadTeam(members)) {
      for (int round = 1; round <= 3; round++) {
        int value = round;
        team.run(
            member -> {
              for (int step = 0; step < steps; step++) {
                values[step][member] = value;
                team.barrier();
                // Plain reads: the barrier must publish what the others wrote.
                for (int other = 0; other < members; other++) {
                  if (values[step][other] != value) {
                    errors.incrementAndGet();
                  }
                }
              }
            });
      }
    }
    assertThat(errors).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aFailureComesToTheCaller(int failing) {
    try (ThreadTeam team = new ThreadTeam(3)) {
      assertThatThrownBy(() -> team.run(member -> failIf(member == failing)))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessage("on purpose");
      AtomicInteger calls = new AtomicInteger();
      team.run(member -> calls.incrementAndGet());
      assertThat(calls).as("members that work on afterwards").hasValue(3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aFailureBeforeABarrierDoesNotHangTheOthers(int failing) {
    try (ThreadTeam team = new ThreadTeam(3)) {
      for (int round = 0; round < 20; round++) {
        assertThatThrownBy(
                () ->
                    team.run(
                        member -> {
                          team.barrier();
                          failIf(member == failing);
                          team.barrier();
                        }))
            .isInstanceOf(UnsupportedOperationException.class)
            .hasMessage("on purpose");
        AtomicInteger calls = new AtomicInteger();
        team.run(
            member -> {
              team.barrier();
              calls.incrementAndGet();
              team.barrier();
            });
        assertThat(calls).hasValue(3);
      }
    }
  }

  @Test
  void errorsComeToTheCallerToo() {
    try (ThreadTeam team = new ThreadTeam(2)) {
      assertThatThrownBy(
              () ->
                  team.run(
                      member -> {
                        if (member == 1) {
                          throw new StackOverflowError("on purpose");
                        }
                      }))
          .isInstanceOf(StackOverflowError.class);
    }
  }

  @Test
  void sleepingMembersWakeUp() throws InterruptedException {
    try (ThreadTeam team = new ThreadTeam(3)) {
      AtomicInteger calls = new AtomicInteger();
      for (int i = 0; i < 5; i++) {
        team.run(member -> calls.incrementAndGet());
        Thread.sleep(30);
      }
      assertThat(calls).hasValue(15);
    }
  }

  /** A task may come at any moment of a helper's falling asleep. */
  @Test
  void nobodySleepsThroughATask() {
    try (ThreadTeam team = new ThreadTeam(3)) {
      AtomicInteger calls = new AtomicInteger();
      int rounds = 2000;
      for (int i = 0; i < rounds; i++) {
        team.run(member -> calls.incrementAndGet());
        long end = System.nanoTime() + i * 1500L;
        while (System.nanoTime() < end) {
          Thread.onSpinWait();
        }
      }
      assertThat(calls).hasValue(3 * rounds);
    }
  }

  private static void failIf(boolean condition) {
    if (condition) {
      throw new UnsupportedOperationException("on purpose");
    }
  }
}
