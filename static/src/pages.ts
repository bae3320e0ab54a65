/** The style of the pages that the server draws by itself: sign-in, register, errors. */
import "@fontsource-variable/inter/wght.css";
import "./tokens.css";
import "./styles/base.css";
import "./styles/pages.css";
