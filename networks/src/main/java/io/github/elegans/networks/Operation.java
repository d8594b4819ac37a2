package io.github.elegans.networks;

/**
 * What a call of a session does, in two parts; {@link Call} says what surrounds them. One object
 * serves all calls.
 *
 * @param <S> the kind of session
 */
abstract class Operation<S> {
  /** Whether a session that a failed call broke allows it. */
  final boolean onBroken;

  Operation() {
    this(false);
  }

  Operation(boolean onBroken) {
    this.onBroken = onBroken;
  }

  /** Does all that changes no state: checks the arguments, allocates, reads. */
  <M> void prepare(Call<S, M> call) {}

  /** Changes the state; if it fails, the session is broken. */
  <M> void change(Call<S, M> call) {}
}
