// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which package of this module may use which. */
class RoomsTest {
  private static final String API = "dev.tcpstates.jfr";
  private static final String READ = API + ".read";
  private static final String EVENT = API + ".event";
  private static final String ANALYSIS = API + ".analysis";
  private static final String JUNIT = API + ".junit";

  /** Besides the JDK. The agent defines EVENT in the boot loader, without the other packages. */
  private static final Map<String, List<String>> USES =
      Map.of(
          API, List.of(),
          EVENT, List.of(),
          READ, List.of(API),
          ANALYSIS, List.of(API),
          JUNIT,
              List.of(
                  API,
                  READ,
                  ANALYSIS,
                  "org.junit..",
                  "org.opentest4j",
                  "org.apiguardian..",
                  "org.assertj.core.api"));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(API);

  @Test
  void thereAreNoOtherPackages() {
    assertEquals(
        USES.keySet(), CLASSES.stream().map(JavaClass::getPackageName).collect(Collectors.toSet()));
  }

  @Test
  void packagesUseOnlyWhatTheyMay() {
    USES.forEach(
        (room, used) -> {
          List<String> allowed = new ArrayList<>(List.of(room, "java..", "jdk.jfr.."));
          allowed.addAll(used);
          classes()
              .that()
              .resideInAPackage(room)
              .should()
              .onlyDependOnClassesThat()
              .resideInAnyPackage(allowed.toArray(String[]::new))
              .check(CLASSES);
        });
  }

  @Test
  void packagesFormNoCircle() {
    slices().matching("dev.tcpstates.(**)").should().beFreeOfCycles().check(CLASSES);
  }
}
