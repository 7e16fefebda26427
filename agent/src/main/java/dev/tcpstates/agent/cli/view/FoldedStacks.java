// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.analysis.Opener;
import dev.tcpstates.jfr.analysis.StackWeights.Weighed;
import java.util.ArrayList;
import java.util.List;

/** Stacks for flame graph tools: frames separated by semicolons, and the weight. */
public final class FoldedStacks {
  /** More than the agent keeps of a stack. */
  private static final int MOST_FRAMES = 2_048;

  private FoldedStacks() {}

  public static String line(Weighed weighed) {
    List<String> frames = new ArrayList<>();
    for (String frame : frames(weighed.opener())) {
      frames.add(frame.replace(';', ':').replaceAll("\\s", "_"));
    }
    return String.join(";", frames) + " " + weighed.weight();
  }

  /** Returns the frames from the root, which is the kind of the socket, to the innermost. */
  static List<String> frames(Opener opener) {
    List<String> stack = opener.frames();
    List<String> frames = new ArrayList<>();
    frames.add(opener.kind() == null ? "unknown" : opener.kind().name());
    for (int i = Math.min(stack.size(), MOST_FRAMES) - 1; i >= 0; i--) {
      frames.add(Table.clean(stack.get(i)));
    }
    return frames;
  }
}
