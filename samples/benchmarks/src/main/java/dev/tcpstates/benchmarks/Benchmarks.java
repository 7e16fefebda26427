// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures what the agent costs, beside other tools; see {@code run.sh}. */
public final class Benchmarks {
  private static final Map<String, Section> SECTIONS = new LinkedHashMap<>();

  static {
    SECTIONS.put("connections", new ConnectionCost());
    SECTIONS.put("kernel", new KernelTime());
    SECTIONS.put("reader", new ReaderCost());
    SECTIONS.put("requests", new RequestLatency());
    SECTIONS.put("startup", new StartUp());
    SECTIONS.put("size", new Size());
    SECTIONS.put("growth", new Growth());
    SECTIONS.put("reading", new Reading());
    SECTIONS.put("jmh", new Jmh());
  }

  private static final String USAGE =
      """
      run.sh [--full|--quick|--smoke] [--only=SECTION,...] [--jdk=HOME] [--out=PATH]

        --full    many rounds, the default
        --quick   few rounds
        --smoke   about a minute: whether it works, not what it measures
        --only    some of: %s
        --jdk     measure on this JDK; without it, on the newest in /usr/lib/jvm
        --out     write PATH.txt, PATH.json and PATH.svg; without it, target/latest

      Exit code: 0 if it has measured; 1 if not, or if a recording is not what the load did.\
      """
          .formatted(String.join(", ", SECTIONS.keySet()));

  private Benchmarks() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder = Path.of(System.getProperty("benchmarks.folder")).toAbsolutePath();
    Scale scale = Scale.FULL;
    List<String> sections = List.copyOf(SECTIONS.keySet());
    List<Jdk> jdks = Jdk.all();
    Jdk jdk = jdks.get(jdks.size() - 1);
    Path out = folder.resolve("target/latest");
    for (String argument : arguments) {
      String value = argument.substring(argument.indexOf('=') + 1);
      switch (argument.replaceFirst("=.*", "")) {
        case "--full" -> scale = Scale.FULL;
        case "--quick" -> scale = Scale.QUICK;
        case "--smoke" -> scale = Scale.SMOKE;
        case "--only" -> sections = List.of(value.split(","));
        case "--jdk" -> jdk = Jdk.of(Path.of(value));
        case "--out" -> out = Path.of(value).toAbsolutePath();
        case "--help" -> {
          System.out.println(USAGE);
          return;
        }
        default -> refuse("unknown argument " + argument);
      }
    }
    for (String section : sections) {
      if (!SECTIONS.containsKey(section)) {
        refuse("unknown section " + section);
      }
    }
    System.exit(measure(folder, scale, sections, jdk, jdks, out) ? 0 : 1);
  }

  private static void refuse(String why) {
    System.err.println(why + "\n\n" + USAGE);
    System.exit(1);
  }

  private static boolean measure(
      Path folder, Scale scale, List<String> sections, Jdk jdk, List<Jdk> jdks, Path out)
      throws IOException, InterruptedException {
    Instant started = Instant.now();
    Machine machine = Machine.here(jdk, jdks);
    System.err.println(machine);
    Results results = new Results();
    List<String> failed = new ArrayList<>();
    Bench bench = Bench.in(folder, jdk);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> giveUp(bench)));
    try {
      for (String section : sections) {
        Progress.section(section);
        try {
          SECTIONS.get(section).run(bench, scale, results);
        } catch (IOException | RuntimeException e) {
          // The other sections' numbers are worth something all the same.
          failed.add(section);
          System.err.println();
          e.printStackTrace();
        }
      }
    } finally {
      bench.cleanUp();
    }
    failed.forEach(section -> results.note("section " + section + " failed; see above"));
    Duration took = Duration.between(started, Instant.now());
    results.note("took " + took.toSeconds() + " s");
    System.err.println();

    List<Goal> goals = Goal.of(results, jdks);
    String table = TableReport.of(machine, scale, results, goals);
    System.out.print(table);
    Files.createDirectories(out.getParent());
    Files.writeString(file(out, ".txt"), table);
    Files.writeString(file(out, ".json"), JsonReport.of(started, machine, scale, results, goals));
    Files.writeString(file(out, ".svg"), ChartReport.of(machine, results));
    System.out.println("Written: " + file(out, ".txt") + ", .json and .svg");
    return failed.isEmpty() && results.checks().stream().allMatch(Results.Check::holds);
  }

  /** What is left when the user has enough: the loads, bcc's tcpstates, and their files. */
  private static void giveUp(Bench bench) {
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    try {
      bench.cleanUp();
    } catch (IOException e) {
      System.err.println("not deleted: " + e.getMessage());
    }
  }

  private static Path file(Path out, String suffix) {
    return out.resolveSibling(out.getFileName() + suffix);
  }
}
