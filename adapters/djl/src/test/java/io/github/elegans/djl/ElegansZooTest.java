package io.github.elegans.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Application;
import ai.djl.engine.Engine;
import ai.djl.repository.MRL;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ModelZoo;
import io.github.elegans.networks.Session;
import io.github.elegans.networks.Timespans;
import io.github.elegans.networks.cfc.Cfc;
import io.github.elegans.networks.models.BundledModels;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What DJL finds by itself. */
class ElegansZooTest {
  private static <I, O> Criteria.Builder<I, O> co2(Class<I> input, Class<O> output) {
    return Criteria.builder()
        .setTypes(input, output)
        .optGroupId("io.github.elegans")
        .optArtifactId("co2-cfc");
  }

  @Test
  void theEngineIsFound() {
    assertThat(Engine.getAllEngines()).contains("Elegans");
    Engine engine = Engine.getEngine("Elegans");
    assertThat(engine).isSameAs(Engine.getEngine("Elegans")).isInstanceOf(ElegansEngine.class);
    assertThat(engine.getEngineName()).isEqualTo("Elegans");
    assertThat(engine.getVersion()).isNotEmpty();
    assertThat(engine.getGpuCount()).isZero();
    assertThat(engine.getAlternativeEngine()).isNull();
  }

  @Test
  void theModelIsFound() throws Exception {
    SequenceInput sequence =
        SequenceInput.of(Example.sequence(30, 1).input()).withTimespans(new float[30]);
    float[] expected = new float[30];
    Cfc network = Cfc.of(BundledModels.co2());
    try (Session session = network.session(1)) {
      session.run(Example.flat(sequence.input()), 30, Timespans.of(0), expected);
    }
    Criteria<SequenceInput, SequenceOutput> criteria =
        co2(SequenceInput.class, SequenceOutput.class).optOption("backend", "vector").build();
    assertThat(criteria.isDownloaded()).isTrue();
    try (var model = criteria.loadModel();
        var predictor = model.newPredictor()) {
      assertThat(Example.flat(predictor.predict(sequence).output())).isEqualTo(expected);
      assertThat(model.getName()).isEqualTo("co2-cfc");
      assertThat(((ElegansModel) model.getWrappedModel()).network().kernels().backend())
          .isEqualTo("vector");
    }
  }

  @Test
  void theModelIsListed() throws Exception {
    List<MRL> models = ModelZoo.listModels().get(Application.TimeSeries.FORECASTING);
    assertThat(models).extracting(MRL::toString).contains("djl://io.github.elegans/co2-cfc");
    MRL own =
        models.stream().filter(mrl -> mrl.getArtifactId().equals("co2-cfc")).findFirst().get();
    assertThat(own.listArtifacts())
        .singleElement()
        .satisfies(artifact -> assertThat(artifact.getProperties()).containsEntry("cell", "cfc"));
    assertThat(ModelZoo.getModelZoo("io.github.elegans").getModelLoader("co2-cfc"))
        .asString()
        .contains("co2-cfc");
  }

  @Test
  void wrongTypesAndOptionsAreRefused() {
    assertThatThrownBy(() -> co2(String.class, String.class).build().loadModel())
        .isInstanceOf(ModelNotFoundException.class)
        .rootCause()
        .hasMessageContaining("types must be one of [")
        .hasMessageContaining("java.lang.String");
    assertThatThrownBy(
            () -> co2(float[][].class, float[][].class).optOption("epoch", "3").build().loadModel())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unknown option 'epoch'");
  }
}
