package io.github.elegans.djl;

import ai.djl.Application;
import ai.djl.MalformedModelException;
import ai.djl.engine.Engine;
import ai.djl.repository.AbstractRepository;
import ai.djl.repository.Artifact;
import ai.djl.repository.MRL;
import ai.djl.repository.Metadata;
import ai.djl.repository.zoo.BaseModelLoader;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ModelZoo;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Progress;
import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.models.BundledModels;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The models that come with the library: nothing is downloaded or written. */
final class ElegansZoo extends ModelZoo {
  private static final String GROUP = "io.github.elegans";
  private static final String CO2 = "co2-cfc";

  ElegansZoo() {
    addModel(new Loader(new Bundle()));
  }

  @Override
  public String getGroupId() {
    return GROUP;
  }

  @Override
  public Set<String> getSupportedEngines() {
    return Set.of(ElegansEngine.NAME);
  }

  /** Where the model is, for those who list models. */
  private static final class Bundle extends AbstractRepository {
    private final Metadata metadata = new Metadata();

    Bundle() {
      super(ElegansEngine.NAME, URI.create("elegans:bundled"));
      Safetensors model = BundledModels.co2();
      Artifact artifact = new Artifact();
      artifact.setName(CO2);
      artifact.setProperties(Map.of("cell", model.metadata().getOrDefault("cell", "")));
      artifact.setFiles(Map.of());
      metadata.setGroupId(GROUP);
      metadata.setArtifactId(CO2);
      metadata.setName(CO2);
      metadata.setDescription(model.metadata().getOrDefault("task", ""));
      metadata.setApplication(Application.TimeSeries.FORECASTING);
      metadata.setRepositoryUri(uri);
      metadata.setArtifacts(List.of(artifact));
    }

    MRL mrl() {
      return MRL.model(this, Application.TimeSeries.FORECASTING, GROUP, CO2, null, null);
    }

    @Override
    public boolean isRemote() {
      return false;
    }

    @Override
    public Metadata locate(MRL mrl) {
      return metadata;
    }

    @Override
    public Artifact resolve(MRL mrl, @Nullable Map<String, String> filter) {
      return metadata.getArtifacts().getFirst();
    }

    @Override
    public List<MRL> getResources() {
      return List.of(mrl());
    }

    @Override
    protected void download(Path to, URI from, Artifact.Item item, @Nullable Progress progress) {
      throw new UnsupportedOperationException(
          "%s is part of the library".formatted(item.getName()));
    }
  }

  private static final class Loader extends BaseModelLoader {
    Loader(Bundle bundle) {
      super(bundle.mrl());
    }

    @Override
    public <I, O> ZooModel<I, O> loadModel(Criteria<I, O> criteria)
        throws IOException, ModelNotFoundException, MalformedModelException {
      TranslatorFactory given = criteria.getTranslatorFactory();
      TranslatorFactory factory = given == null ? new SequenceTranslatorFactory() : given;
      Class<I> input = criteria.getInputClass();
      Class<O> output = criteria.getOutputClass();
      if (!factory.isSupported(input, output)) {
        throw new ModelNotFoundException(
            "types must be one of %s, but are %s and %s"
                .formatted(SequenceTranslatorFactory.names(), input, output));
      }
      String name = criteria.getModelName() == null ? CO2 : criteria.getModelName();
      ElegansModel model =
          ((ElegansEngine) Engine.getEngine(ElegansEngine.NAME))
              .newModel(name, criteria.getDevice());
      model.load(BundledModels::co2, ModelOptions.of(criteria.getOptions()));
      try {
        return new ZooModel<>(
            model, factory.newInstance(input, output, model, criteria.getArguments()));
      } catch (TranslateException e) {
        throw new ModelNotFoundException("no translator for %s".formatted(CO2), e);
      }
    }

    @Override
    public <I, O> boolean isDownloaded(Criteria<I, O> criteria) {
      return true;
    }

    @Override
    public <I, O> void downloadModel(Criteria<I, O> criteria, @Nullable Progress progress) {
      // It is there.
    }
  }
}
