package io.github.elegans.djl;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The translator for the types of a {@code Criteria}: {@code float[][]} to {@code float[][]},
 * {@link SequenceInput} to {@link SequenceOutput}, and the arrays themselves, {@code NDList} to
 * {@code NDList}.
 */
public final class SequenceTranslatorFactory implements TranslatorFactory {
  private static final Map<Pair<Type, Type>, Translator<?, ?>> TRANSLATORS =
      Map.of(
          new Pair<>(float[][].class, float[][].class), new ArrayTranslator(),
          new Pair<>(SequenceInput.class, SequenceOutput.class), new SequenceTranslator(),
          new Pair<>(NDList.class, NDList.class), new NoopTranslator());

  /** For {@code Criteria.Builder.optTranslatorFactory}, or by its name. */
  public SequenceTranslatorFactory() {}

  @Override
  public Set<Pair<Type, Type>> getSupportedTypes() {
    return TRANSLATORS.keySet();
  }

  /**
   * The translator.
   *
   * @throws TranslateException if there is none for the types
   */
  @Override
  @SuppressWarnings("unchecked") // Of the types that it is found by.
  public <I, O> Translator<I, O> newInstance(
      Class<I> input, Class<O> output, Model model, @Nullable Map<String, ?> arguments)
      throws TranslateException {
    Translator<?, ?> translator = TRANSLATORS.get(new Pair<Type, Type>(input, output));
    if (translator == null) {
      throw new TranslateException(
          "types must be one of %s, but are %s and %s"
              .formatted(names(), input.getTypeName(), output.getTypeName()));
    }
    return (Translator<I, O>) translator;
  }

  /** The pairs of types, for messages. */
  static String names() {
    return TRANSLATORS.keySet().stream()
        .map(pair -> pair.getKey().getTypeName() + " to " + pair.getValue().getTypeName())
        .sorted()
        .toList()
        .toString();
  }
}
