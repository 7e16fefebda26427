// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    SECTIONS.put("chunks", new ChunkEnds());
    SECTIONS.put("sampled", new SampledMode());
    SECTIONS.put("jvms", new ManyJvms());
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
        --out     write PATH.txt, and PATH.json with each value; without it, target/latest

      Exit code: 0 if all sections have measured and each recording has what its load did, else 1.\
      """
          .formatted(String.join(", ", SECTIONS.keySet()));

  private Benchmarks() {}

  public static void main(String[] arguments) throws Exception {
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
    sections.stream()
        .filter(section -> !SECTIONS.containsKey(section))
        .forEach(section -> refuse("unknown section " + section));

    long started = System.nanoTime();
    String heading = scale + " run on " + Machine.describe(jdk, jdks);
    System.err.println(heading);
    Path work = Files.createTempDirectory(folder.resolve("target"), "work");
    Bench bench = new Bench(folder, work, jdk, scale, new Results());
    boolean measured = measure(bench, sections);
    Results results = bench.results();
    results.note("took " + (System.nanoTime() - started) / 1_000_000_000 + " s");
    String table = results.table(heading, Goal.of(results, jdks));
    System.out.print("\n" + table);
    Files.createDirectories(out.getParent());
    Files.writeString(Path.of(out + ".txt"), table);
    Files.writeString(Path.of(out + ".json"), results.json());
    System.out.println("Written: " + out + ".txt and .json");
    System.exit(measured && results.allHold() ? 0 : 1);
  }

  private static void refuse(String why) {
    System.err.println(why + "\n\n" + USAGE);
    System.exit(1);
  }

  /** Returns whether no section failed. */
  private static boolean measure(Bench bench, List<String> sections) throws Exception {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> cleanUp(bench)));
    boolean measured = true;
    for (String section : sections) {
      System.err.printf("%n%tT  %s ", System.currentTimeMillis(), section);
      try {
        SECTIONS.get(section).run(bench);
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        measured = false; // the numbers of the other sections are still of use
        bench.results().note("section " + section + " failed; see above");
        System.err.println();
        e.printStackTrace();
      }
    }
    return measured;
  }

  /** Also when the user ends the run: kills the loads, and deletes all files but the results. */
  private static void cleanUp(Bench bench) {
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    try {
      bench.deleteWork();
    } catch (IOException e) {
      System.err.println("not deleted: " + e.getMessage());
    }
  }
}
