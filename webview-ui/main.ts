import './zodWithoutEval';
import './report.css';
import { connectToHost } from './messages';
import { ReportPage } from './reportPage';

const page = new ReportPage(connectToHost());
document.body.append(page);
