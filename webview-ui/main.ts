import './zodWithoutEval';
import './report.css';
import { speakLanguageOf } from './language';
import { connectToHost } from './messages';
import { ReportPage } from './reportPage';

speakLanguageOf(document);
const page = new ReportPage(connectToHost());
document.querySelector('.skeleton')?.remove();
document.body.append(page);
