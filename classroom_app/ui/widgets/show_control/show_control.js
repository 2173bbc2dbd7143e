// The facilitator's controls follow the show: what a projector's keys do is seen here too.

import { mountOf } from "../common/mount.js";
import { Watch } from "../projector/watch.js";

export default mountOf(Watch);
