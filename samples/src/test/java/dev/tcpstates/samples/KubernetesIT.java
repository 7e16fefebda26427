// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.tcpstates.samples.leak.WeatherMap;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files for Kubernetes; what the init container does is done in processes. */
class KubernetesIT {
  private static final Path JAR = Path.of("../agent/target/tcpstates-agent.jar").toAbsolutePath();

  @TempDir private Path volume;

  @BeforeAll
  static void tier() {
    Command.needKernel();
  }

  static List<Path> jdks() throws IOException {
    return Command.jdks();
  }

  private static String first(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern, Pattern.DOTALL).matcher(text);
    assertTrue(matcher.find(), () -> pattern + " is not in: " + text);
    return matcher.group(1);
  }

  private static String text(String file) throws IOException {
    return Files.readString(Path.of("kubernetes", file));
  }

  @ParameterizedTest
  @MethodSource("jdks")
  void theInitContainerGivesTheAgentToTheJvm(Path jdk) throws Exception {
    String yaml = text("init-container.yaml");
    List<String> copy = List.of(first("command: \\[([^]]*)]", yaml).split(", "));
    assertEquals("cp", copy.get(0));
    Files.copy(JAR, volume.resolve(Path.of(copy.get(1)).getFileName()));
    assertEquals("/tcpstates/", copy.get(2));

    String options =
        first("name: JAVA_TOOL_OPTIONS\\s+value: >-\\s+(.*?)\\n +securityContext", yaml)
            .replaceAll("\\s+", " ")
            .replace("/tcpstates/", volume + "/");
    List<String> words = new ArrayList<>(List.of("env"));
    words.add("JAVA_TOOL_OPTIONS=" + options + ",filename=" + volume.resolve("leak.jfr"));
    words.add(jdk.resolve("bin/java").toString());
    String classes = Path.of("target/classes").toAbsolutePath().toString();
    String library = Path.of("../jfr-events/target/classes").toAbsolutePath().toString();
    words.addAll(List.of("-cp", classes + ":" + library, WeatherMap.class.getName()));
    Command.Result result = new Command(volume, jdk, words).run();
    assertEquals(0, result.exit(), result::toString);
    assertTrue(result.out().contains("3 sockets are in CLOSE_WAIT"), result.out());
    assertTrue(result.err().contains("tcpstates-agent: recording"), result.err());
  }

  private static List<JsonObject> objects(String file) throws IOException {
    List<JsonObject> objects = new ArrayList<>();
    for (Object object : new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(text(file))) {
      objects.add(new Gson().toJsonTree(object).getAsJsonObject());
    }
    return objects;
  }

  /** By Kubernetes' own API: no unknown field, no missing one, no other type. */
  private static void validate(JsonObject object) throws Exception {
    String kind = object.get("kind").getAsString();
    Class.forName("io.kubernetes.client.openapi.models.V1" + kind)
        .getMethod("validateJsonElement", JsonElement.class)
        .invoke(null, object);
  }

  @ParameterizedTest
  @ValueSource(strings = {"init-container.yaml", "node-program.yaml", "node-pod.yaml"})
  void theApiOfKubernetesTakesEachObject(String file) throws Exception {
    for (JsonObject object : objects(file)) {
      validate(object);
      // What is checked is checked: a field that the API does not know is refused.
      object.getAsJsonObject("metadata").addProperty("nmae", "typo");
      InvocationTargetException refused =
          assertThrows(InvocationTargetException.class, () -> validate(object));
      assertTrue(refused.getCause().getMessage().contains("nmae"), refused.getCause()::toString);
    }
  }

  /**
   * The pod asks for no privilege; the node program for two capabilities, and is not privileged.
   */
  @Test
  void leastPrivilege() throws Exception {
    JsonObject pod = objects("node-pod.yaml").get(0).getAsJsonObject("spec");
    JsonObject app = pod.getAsJsonArray("containers").get(0).getAsJsonObject();
    JsonObject context = app.getAsJsonObject("securityContext");
    assertEquals("{\"drop\":[\"ALL\"]}", context.get("capabilities").toString());
    assertEquals("false", context.get("allowPrivilegeEscalation").toString());
    assertEquals("true", context.get("readOnlyRootFilesystem").toString());
    assertEquals("true", pod.getAsJsonObject("securityContext").get("runAsNonRoot").toString());
    assertEquals(
        "true",
        app.getAsJsonArray("volumeMounts").get(0).getAsJsonObject().get("readOnly").toString());

    JsonObject node =
        objects("node-program.yaml")
            .get(1)
            .getAsJsonObject("spec")
            .getAsJsonObject("template")
            .getAsJsonObject("spec");
    JsonObject program = node.getAsJsonArray("containers").get(0).getAsJsonObject();
    assertEquals("true", node.get("hostPID").toString());
    assertTrue(!node.has("hostNetwork") && !node.has("hostIPC"), node::toString);
    JsonObject its = program.getAsJsonObject("securityContext");
    assertEquals(
        "{\"drop\":[\"ALL\"],\"add\":[\"BPF\",\"PERFMON\"]}", its.get("capabilities").toString());
    assertTrue(!its.has("privileged"), its::toString);
  }

  /** The port that the program serves is the one that Prometheus finds, and that may be reached. */
  @Test
  void metricsOfTheNodeProgram() throws Exception {
    JsonObject template =
        objects("node-program.yaml").get(1).getAsJsonObject("spec").getAsJsonObject("template");
    JsonObject annotations = template.getAsJsonObject("metadata").getAsJsonObject("annotations");
    JsonObject program =
        template.getAsJsonObject("spec").getAsJsonArray("containers").get(0).getAsJsonObject();
    assertEquals("[\"--metrics=0.0.0.0:9464\"]", program.get("args").toString());
    JsonObject port = program.getAsJsonArray("ports").get(0).getAsJsonObject();
    assertEquals(9464, port.get("containerPort").getAsInt());
    assertEquals("9464", annotations.get("prometheus.io/port").getAsString());
    JsonObject policy = objects("node-program.yaml").get(2).getAsJsonObject("spec");
    assertEquals(
        template.getAsJsonObject("metadata").get("labels"),
        policy.getAsJsonObject("podSelector").get("matchLabels"));
    JsonObject ingress = policy.getAsJsonArray("ingress").get(0).getAsJsonObject();
    assertEquals(
        port.get("name"), ingress.getAsJsonArray("ports").get(0).getAsJsonObject().get("port"));
  }

  /** The image has the file that the init container copies, under that name. */
  @Test
  void theDockerfileMakesTheImage() throws IOException {
    String copied = first("command: \\[cp, (\\S+), ", text("init-container.yaml"));
    String dockerfile = text("Dockerfile");
    assertEquals(copied, first("COPY --chmod=444 tcpstates-agent.jar (\\S+)", dockerfile));
    String context = first("docker build -t \\S+ -f \\S+ (\\S+)", dockerfile);
    assertEquals(
        JAR.normalize(),
        Path.of("..", context, "tcpstates-agent.jar").toAbsolutePath().normalize());
  }
}
