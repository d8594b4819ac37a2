package io.github.elegans.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.elegans.networks.files.Safetensors;
import io.github.elegans.networks.models.Models;
import io.github.elegans.networks.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportCommandTest {
  @TempDir private Path directory;
  private Path model;
  private Path output;

  @BeforeEach
  void writeModel() throws IOException {
    model = ModelFiles.model(directory.resolve("m.safetensors"), content -> {});
    output = directory.resolve("m.onnx");
  }

  @Test
  void exportsAStepOrSequences() throws IOException {
    CommandLineRun step =
        CommandLineRun.of("export", "--model", model, "--output", output).succeeds();
    assertThat(step.out()).contains("m.onnx: a step of CfC, 3 inputs");
    assertThat(Files.readAllBytes(output))
        .isEqualTo(OnnxModel.ofStep(Models.load(model)).toBytes());

    CommandLineRun.of("export", "--sequence", "--model", model, "--output", output).succeeds();
    assertThat(Files.readAllBytes(output))
        .isEqualTo(OnnxModel.ofSequence(Models.load(model)).toBytes());
  }

  @Test
  void refusesWhatCannotBeExported() throws IOException {
    Path other = directory.resolve("ct-rnn.safetensors");
    Safetensors.writer()
        .metadata("cell", "ct_rnn")
        .metadata("input_size", "1")
        .metadata("units", "1")
        .tensor("kernel", new float[1], 1, 1)
        .tensor("recurrent_kernel", new float[1], 1, 1)
        .tensor("bias", new float[1], 1)
        .tensor("scale", new float[1], 1)
        .write(other);
    CommandLineRun.of("export", "--model", other, "--output", output)
        .fails(1, "expected CfC, LTC, LSTM or GRU, which can be written as ONNX, but found CT_RNN");
    assertThat(output).doesNotExist();
  }

  @Test
  void refusesAnotherKindOfFile() {
    CommandLineRun.of("export", "--model", model, "--output", directory.resolve("m.pt"))
        .fails(2, "--output must be an .onnx file, but is");
  }
}
