package io.github.elegans.cli;

import io.github.elegans.networks.wiring.Wiring;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.CubicCurve2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A picture of a wiring: sensory neurons at the left, then a column for every layer, or a circle of
 * neurons if there is one layer only. Synapses run to where their arrow points.
 */
final class WiringPicture {
  /** Colours of Okabe and Ito, which nearly everybody can tell apart. */
  private static final Color EXCITATORY = new Color(0x0072B2);

  private static final Color INHIBITORY = new Color(0xD55E00);
  private static final Color INK = new Color(0x333333);
  private static final double RADIUS = 9;
  private static final double MARGIN = 70;
  private static final double ROW = 30;
  private static final double COLUMN = 240;
  private static final double ARROW = 8;

  private final Wiring wiring;
  private final boolean layered;
  private final double width;
  private final double height;
  private final double top = MARGIN + 20;

  private WiringPicture(Wiring wiring) {
    this.wiring = wiring;
    layered = wiring.layers().size() > 1;
    int most = wiring.inputSize();
    for (List<Integer> layer : wiring.layers()) {
      most = Math.max(most, layered ? layer.size() : 0);
    }
    double circle = layered ? 0 : 2 * circleRadius() + 8 * RADIUS;
    height = top + Math.max(most * ROW, circle) + MARGIN;
    width = 2 * MARGIN + (layered ? COLUMN * wiring.layers().size() : COLUMN + circle);
  }

  /** Draws into a file, of the kind that its name says: {@code .svg} or {@code .png}. */
  static void draw(Wiring wiring, Path file) throws IOException {
    WiringPicture picture = new WiringPicture(wiring);
    if (file.toString().endsWith(".svg")) {
      Svg svg = new Svg(picture.width, picture.height);
      picture.paint(svg);
      Files.writeString(file, svg.text());
    } else {
      Png png = new Png(picture.width, picture.height);
      picture.paint(png);
      PngFile.write(png.image, file);
    }
  }

  /** What a picture is drawn on. */
  private interface Canvas {
    /** A curve with two control points: x and y of all four points. */
    void curve(double[] points, Color colour);

    /** A filled polygon: x and y of its corners. */
    void polygon(double[] points, Color colour);

    void circle(double x, double y, Color colour);

    void text(double x, double y, String text, int size);
  }

  private void paint(Canvas canvas) {
    for (int input = 0; input < wiring.inputSize(); input++) {
      for (int target = 0; target < wiring.units(); target++) {
        synapse(canvas, sensory(input), neuron(target), wiring.sensoryPolarity(input, target));
      }
    }
    for (int source = 0; source < wiring.units(); source++) {
      for (int target = 0; target < wiring.units(); target++) {
        synapse(canvas, neuron(source), neuron(target), wiring.polarity(source, target));
      }
    }
    for (int input = 0; input < wiring.inputSize(); input++) {
      canvas.circle(sensory(input)[0], sensory(input)[1], new Color(0x999999));
    }
    for (int neuron = 0; neuron < wiring.units(); neuron++) {
      canvas.circle(neuron(neuron)[0], neuron(neuron)[1], colour(wiring.neuronType(neuron)));
    }
    canvas.text(MARGIN, 44, "sensory: " + wiring.inputSize(), 15);
    for (int layer = 0; layer < wiring.layers().size(); layer++) {
      List<Integer> neurons = wiring.layers().get(layer);
      String type = layered ? wiring.neuronType(neurons.getFirst()) : "neurons";
      String text =
          type + ": " + neurons.size() + (layered ? "" : " (" + wiring.outputSize() + " motor)");
      double x = layered ? MARGIN + COLUMN * (layer + 1) : centre()[0];
      canvas.text(x, 44, text, 15);
    }
    double y = height - 28;
    double x = width / 2 - 190;
    canvas.curve(new double[] {x, y, x + 10, y, x + 20, y, x + 34, y}, EXCITATORY);
    arrow(canvas, x + 34, y, 1, 0, EXCITATORY);
    canvas.text(x + 110, y + 5, "excitatory: " + excitatory(), 14);
    x += 210;
    canvas.curve(new double[] {x, y, x + 10, y, x + 20, y, x + 34, y}, INHIBITORY);
    arrow(canvas, x + 34, y, 1, 0, INHIBITORY);
    int all = wiring.synapseCount() + wiring.sensorySynapseCount();
    canvas.text(x + 110, y + 5, "inhibitory: " + (all - excitatory()), 14);
  }

  private int excitatory() {
    return wiring.excitatoryCount() + wiring.sensoryExcitatoryCount();
  }

  private static Color colour(String type) {
    return switch (type) {
      case "motor" -> new Color(0x009E73);
      case "command" -> new Color(0xCC79A7);
      default -> new Color(0x56B4E9);
    };
  }

  private double circleRadius() {
    return Math.max(150, wiring.units() * 1.4 * ROW / (2 * Math.PI));
  }

  private double[] centre() {
    return new double[] {
      MARGIN + COLUMN + circleRadius() + 4 * RADIUS, top + (height - top - MARGIN) / 2
    };
  }

  /** The direction from the circle's centre. */
  private double[] outwards(double[] point) {
    double[] centre = centre();
    return new double[] {
      (point[0] - centre[0]) / circleRadius(), (point[1] - centre[1]) / circleRadius()
    };
  }

  private double[] sensory(int input) {
    return new double[] {MARGIN, inColumn(input, wiring.inputSize())};
  }

  private double inColumn(int index, int count) {
    double room = height - top - MARGIN;
    return top + room * (index + 0.5) / count;
  }

  private double[] neuron(int neuron) {
    if (!layered) {
      double angle = Math.PI + 2 * Math.PI * neuron / wiring.units();
      double[] centre = centre();
      return new double[] {
        centre[0] + circleRadius() * Math.cos(angle), centre[1] + circleRadius() * Math.sin(angle)
      };
    }
    int layer = 0;
    while (!wiring.layers().get(layer).contains(neuron)) {
      layer++;
    }
    List<Integer> neurons = wiring.layers().get(layer);
    return new double[] {
      MARGIN + COLUMN * (layer + 1), inColumn(neurons.indexOf(neuron), neurons.size())
    };
  }

  private void synapse(Canvas canvas, double[] from, double[] to, int polarity) {
    if (polarity == 0) {
      return;
    }
    Color colour = polarity > 0 ? EXCITATORY : INHIBITORY;
    double[] c;
    if (from[0] == to[0] && from[1] == to[1]) {
      // With itself: a loop.
      double[] away = layered ? new double[] {1, 0} : outwards(from);
      double r = 3.6 * RADIUS;
      double sideX = -away[1] * r;
      double sideY = away[0] * r;
      double x = from[0] + r * away[0];
      double y = from[1] + r * away[1];
      c = new double[] {x + sideX, y + sideY, x - sideX, y - sideY};
    } else if (layered && from[0] == to[0]) {
      // Within a layer: an arc, to the right when it runs down and to the left when it runs up.
      double bulge = 0.45 * (to[1] - from[1]);
      double limit = 0.42 * COLUMN;
      bulge = Math.max(-limit, Math.min(limit, bulge));
      c = new double[] {from[0] + bulge, from[1], to[0] + bulge, to[1]};
    } else if (layered || from[0] == MARGIN) {
      double middle = (from[0] + to[0]) / 2;
      c = new double[] {middle, from[1], middle, to[1]};
    } else {
      // Within the circle: bent towards its centre.
      double[] centre = centre();
      c =
          new double[] {
            from[0] + 0.35 * (centre[0] - from[0]),
            from[1] + 0.35 * (centre[1] - from[1]),
            to[0] + 0.35 * (centre[0] - to[0]),
            to[1] + 0.35 * (centre[1] - to[1])
          };
    }
    double dx = to[0] - c[2];
    double dy = to[1] - c[3];
    double length = Math.hypot(dx, dy);
    if (length == 0) {
      dx = to[0] - from[0];
      dy = to[1] - from[1];
      length = Math.hypot(dx, dy);
    }
    dx /= length;
    dy /= length;
    double tipX = to[0] - (RADIUS + 1) * dx;
    double tipY = to[1] - (RADIUS + 1) * dy;
    canvas.curve(
        new double[] {
          from[0], from[1], c[0], c[1], c[2], c[3], tipX - ARROW * dx, tipY - ARROW * dy
        },
        colour);
    arrow(canvas, tipX, tipY, dx, dy, colour);
  }

  private static void arrow(Canvas canvas, double x, double y, double dx, double dy, Color colour) {
    double backX = x - ARROW * dx;
    double backY = y - ARROW * dy;
    double half = 0.4 * ARROW;
    canvas.polygon(
        new double[] {
          x, y, backX - half * dy, backY + half * dx, backX + half * dy, backY - half * dx
        },
        colour);
  }

  private static final class Svg implements Canvas {
    private final StringBuilder text = new StringBuilder();

    Svg(double width, double height) {
      add(
          "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\""
              + " height=\"%.0f\" font-family=\"sans-serif\">%n",
          width, height, width, height);
      add("<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n");
    }

    private void add(String format, Object... arguments) {
      text.append(
          String.format(Locale.ROOT, format, arguments).replace(System.lineSeparator(), "\n"));
    }

    private static String hex(Color colour) {
      return "#%06x".formatted(colour.getRGB() & 0xffffff);
    }

    private static String number(double value) {
      return String.format(Locale.ROOT, "%.1f", value);
    }

    @Override
    public void curve(double[] p, Color colour) {
      add(
          "<path d=\"M%s %s C%s %s %s %s %s %s\" fill=\"none\" stroke=\"%s\""
              + " stroke-width=\"1.3\" stroke-opacity=\"0.65\"/>%n",
          number(p[0]),
          number(p[1]),
          number(p[2]),
          number(p[3]),
          number(p[4]),
          number(p[5]),
          number(p[6]),
          number(p[7]),
          hex(colour));
    }

    @Override
    public void polygon(double[] p, Color colour) {
      add(
          "<polygon points=\"%s,%s %s,%s %s,%s\" fill=\"%s\"/>%n",
          number(p[0]),
          number(p[1]),
          number(p[2]),
          number(p[3]),
          number(p[4]),
          number(p[5]),
          hex(colour));
    }

    @Override
    public void circle(double x, double y, Color colour) {
      add(
          "<circle cx=\"%s\" cy=\"%s\" r=\"%s\" fill=\"%s\" stroke=\"%s\"/>%n",
          number(x), number(y), number(RADIUS), hex(colour), hex(INK));
    }

    @Override
    public void text(double x, double y, String words, int size) {
      add(
          "<text x=\"%s\" y=\"%s\" font-size=\"%d\" text-anchor=\"middle\" fill=\"%s\">%s</text>%n",
          number(x), number(y), size, hex(INK), words);
    }

    String text() {
      return text + "</svg>\n";
    }
  }

  private static final class Png implements Canvas {
    private static final int SCALE = 2;
    final BufferedImage image;
    private final Graphics2D graphics;

    Png(double width, double height) {
      image =
          new BufferedImage(
              (int) (SCALE * width), (int) (SCALE * height), BufferedImage.TYPE_INT_RGB);
      graphics = image.createGraphics();
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      graphics.scale(SCALE, SCALE);
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, (int) width + 1, (int) height + 1);
    }

    @Override
    public void curve(double[] p, Color colour) {
      graphics.setStroke(new BasicStroke(1.3f));
      graphics.setColor(new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), 166));
      graphics.draw(new CubicCurve2D.Double(p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]));
    }

    @Override
    public void polygon(double[] p, Color colour) {
      Path2D path = new Path2D.Double();
      path.moveTo(p[0], p[1]);
      path.lineTo(p[2], p[3]);
      path.lineTo(p[4], p[5]);
      path.closePath();
      graphics.setColor(colour);
      graphics.fill(path);
    }

    @Override
    public void circle(double x, double y, Color colour) {
      Ellipse2D circle = new Ellipse2D.Double(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS);
      graphics.setColor(colour);
      graphics.fill(circle);
      graphics.setStroke(new BasicStroke(1));
      graphics.setColor(INK);
      graphics.draw(circle);
    }

    @Override
    public void text(double x, double y, String words, int size) {
      graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, size));
      graphics.setColor(INK);
      int wide = graphics.getFontMetrics().stringWidth(words);
      graphics.drawString(words, (float) (x - wide / 2.0), (float) y);
    }
  }
}
